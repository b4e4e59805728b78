--[[
  Reads what has changed among the decisions after a change, a page at a time.

  Input:
    KEYS[1]  head, KEYS[2] texts, KEYS[3] order, KEYS[4] ends, as in decide-4.lua
    ARGV[1]  the number of a change, as text; 0 is before the first
    ARGV[2]  how many changes are answered at most

  Output: {isKnown, head, changes}
    isKnown  1 when that change is still found here, 0 when this server has forgotten it or never heard of it
    head     the number of the latest change, as text
    changes  {number, id, text, ...}, in order; number as text, text with its kind in front: `t`, `k`, `e`

  Using them keeps the keys for another 30 days.
]]

local UNUSED_MS = 30 * 24 * 60 * 60000

return function(KEYS, ARGV)
  local head = KEYS[1]
  local texts = KEYS[2]
  local order = KEYS[3]
  local ends = KEYS[4]
  local since, limit = ARGV[1], tonumber(ARGV[2])

  -- What decide-4 would throw away is nothing.
  local size = redis.call("HLEN", texts)
  local isWhole = size == redis.call("ZCARD", order) and size == redis.call("ZCARD", ends)
  if not isWhole or (size > 0) ~= (redis.call("EXISTS", head) == 1) then return { 0, "0", {} } end
  local latest = redis.call("GET", head) or "0"

  for _, key in ipairs(KEYS) do
    redis.call("PEXPIRE", key, string.format("%.0f", UNUSED_MS), "GT")
  end

  local isKnown = since == latest or redis.call("ZCOUNT", order, since, since) > 0
  local found = redis.call("ZRANGE", order, "(" .. since, "+inf", "BYSCORE", "LIMIT", 0, limit, "WITHSCORES")
  local changes = {}
  for i = 1, #found, 2 do
    table.insert(changes, string.format("%.0f", found[i + 1]))
    table.insert(changes, found[i])
    table.insert(changes, redis.call("HGET", texts, found[i]) or "")
  end
  return { isKnown and 1 or 0, latest, changes }
end
