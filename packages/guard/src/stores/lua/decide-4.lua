--[[
  Takes decisions in and ends them, each for once, and tells every process. What has been ended cannot be taken in again.

  Input:
    KEYS[1]  head: the number of the latest change
    KEYS[2]  texts: a hash, id -> kind and text
    KEYS[3]  order: a sorted set, id by the number of its latest change
    KEYS[4]  ends: a sorted set, id by the time at which it is forgotten, in milliseconds of this server's clock
    ARGV[1]  the channel
    ARGV[2]  how many are kept; above it, what is forgotten soonest goes, but nothing of kind `k`
    ARGV[3]  JSON: an array of changes, each {kind, id, life, text}
      kind  `t`: take in a decision; `k`: take it in and keep it also when there are too many; `e`: end it
      life  milliseconds until it can be forgotten, false: never. For `e`, of what is not here; 0: leave no trace of it then.
      text  the decision as JSON, empty for `e`

  Output: for each change the text of what `e` has ended, else an empty one.

  Publishes JSON {before, head, {{kind, id, text}, ...}}: the numbers of the latest change before and now, as texts, and what has
  changed. A number is the time in microseconds, or one more than the last: a server that has lost some changes never gives
  their numbers to others. Time is this server's: clocks of processes differ, and none of them decides what is forgotten.
  All keys are of one hash slot. They live for 30 days after the last use, and as long as anything in them that ends.
]]

local UNUSED_MS = 30 * 24 * 60 * 60000
local LONGEST_LIFE_MS = 400 * 24 * 60 * 60000
local FORGOTTEN_AT_ONCE, CANDIDATES = 100, 50

return function(KEYS, ARGV)
  local head = KEYS[1]
  local texts = KEYS[2]
  local order = KEYS[3]
  local ends = KEYS[4]
  local channel, limit, changes = ARGV[1], tonumber(ARGV[2]), cjson.decode(ARGV[3])

  local time = redis.call("TIME")
  local micros = time[1] * 1000000 + time[2]
  local now = math.floor(micros / 1000)

  local function integer(number) return string.format("%.0f", number) end

  local function forget(id)
    redis.call("HDEL", texts, id)
    redis.call("ZREM", order, id)
    redis.call("ZREM", ends, id)
  end

  -- A server short of memory may have dropped one key and not the others. What is left is of no use.
  local size = redis.call("HLEN", texts)
  local isWhole = size == redis.call("ZCARD", order) and size == redis.call("ZCARD", ends)
  if not isWhole or (size > 0) ~= (redis.call("EXISTS", head) == 1) then
    redis.call("DEL", head, texts, order, ends)
  end

  local before = redis.call("GET", head) or "0"
  local number = tonumber(before)
  local longestMs = UNUSED_MS
  local changed, answers = {}, {}

  local function note(kind, id, text, endsAt)
    number = math.max(number + 1, micros)
    redis.call("HSET", texts, id, kind .. text)
    redis.call("ZADD", order, integer(number), id)
    redis.call("ZADD", ends, endsAt, id)
    table.insert(changed, { kind, id, text })
  end

  local function after(life)
    if not life then return "+inf" end
    local ms = math.min(life, LONGEST_LIFE_MS)
    longestMs = math.max(longestMs, ms)
    return integer(now + ms)
  end

  local function take(kind, id, life, text)
    if redis.call("HEXISTS", texts, id) == 0 then note(kind, id, text, after(life)) end
    return ""
  end

  local function finish(kind, id, life)
    local found = redis.call("HGET", texts, id)
    if not found then
      if life ~= 0 then note(kind, id, "", after(life or LONGEST_LIFE_MS)) end
      return ""
    end
    if string.sub(found, 1, 1) == kind then return "" end
    -- For as long as the decision would have been known, so that nobody who still has it can bring it back.
    local endsAt = redis.call("ZSCORE", ends, id)
    note(kind, id, "", endsAt == "inf" and after(LONGEST_LIFE_MS) or endsAt)
    return string.sub(found, 2)
  end

  local verbs = { t = take, k = take, e = finish }

  for i, change in ipairs(changes) do
    local kind, id, life, text = unpack(change)
    answers[i] = verbs[kind](kind, id, life, text)
  end

  for _, id in ipairs(redis.call("ZRANGE", ends, "-inf", integer(now), "BYSCORE", "LIMIT", 0, FORGOTTEN_AT_ONCE)) do
    forget(id)
  end
  local excess = redis.call("ZCARD", order) - limit
  if excess > 0 then
    for _, id in ipairs(redis.call("ZRANGE", ends, 0, excess + CANDIDATES)) do
      if excess > 0 and string.sub(redis.call("HGET", texts, id) or "", 1, 1) ~= "k" then
        forget(id)
        excess = excess - 1
      end
    end
  end

  if #changed > 0 then
    redis.call("SET", head, integer(number), "KEEPTTL")
    for _, key in ipairs(KEYS) do
      redis.call("PEXPIRE", key, integer(longestMs), "NX")
      redis.call("PEXPIRE", key, integer(longestMs), "GT")
    end
    redis.call("PUBLISH", channel, cjson.encode({ before, integer(number), changed }))
  end
  return answers
end
