--[[
  Carries out window operations on one scope/value, in their order, and answers each. See window-store.ts for what they mean;
  memory-window.ts does the same in this process, and one suite of tests holds for both.
  One file above 300 lines on purpose: Redis loads a script whole, and nothing is put together from pieces.

  Input:
    KEYS[1]  everything that is counted about the scope/value, one string
    ARGV[1]  JSON: an array of operations, each an array that begins with its kind. Times are milliseconds since 1970,
             lengths milliseconds; `false` stands for what an operation leaves out.
      count     window at windowMs limit threshold id tag burst backoff row perTag
      reserve   window at windowMs limit false     id tag burst backoff row perTag
                  burst    {windowMs, threshold}
                  backoff  {threshold, windowMs, waitMs, longestWaitMs}
                  row      {threshold, keepMs}
                  perTag   {limit, burstThreshold}
      distinct  window at windowMs limit threshold member sinceFirst
      recent    window at windowMs limit entry
      release   window id
      clear     window tag
      end-row   window
      score     by at points tag halfLifeMs mostADay holdMs
                  points   thousandths
      peek      at lengths tag
                  lengths  {{window, windowMs}, ...}

  Output, an array for each operation:
    count, reserve  {count, admitted, crossed, oldestAt, burstCount, burstCrossed, rowCount, rowCrossed, freeAt, score}
                    with perTag, behind these: shareCount, shareInBurst, shareCrossed
    distinct        {count, admitted, crossed, oldestAt}
    recent          {count, admitted, 0, oldestAt, {{at, entry}, ...}}
    score           {moved, score}
    peek            {{{window, count, windowMs, oldestAt, emptyAt}, ...}, score, {{at, by, points, times}, ...}}
    others          {}
    Flags are 0 or 1; a time that there is not is nil. Scores and points are in thousandths, and nil where nothing has moved the score.

  The string is a MessagePack array {base, emptyAt, windows, score}. All times in it count from `base`, which keeps them short.
  Every key expires: with its last entry, its row, or its score, and a minute after that, because clocks of processes differ.
]]

-- A window's fields. Its entries are columns: the same place in TIMES, IDS and TAGS is the same entry, oldest first.
local NAME, LENGTH, NOW, CROSSED_AT, BURST_CROSSED_AT, ROW, TIMES, IDS, TAGS = 1, 2, 3, 4, 5, 6, 7, 8, 9
-- A row's fields.
local COUNT, STARTED_AT, ENDS_AT, KEPT_MS = 1, 2, 3, 4

-- A score's fields, and those of a move.
local VALUE, SCORED_AT, HALF_LIFE, SCORE_ENDS_AT, LOWERED_AT, DAY, RAISED_BY, MOVES = 1, 2, 3, 4, 5, 6, 7, 8
local MOVED_AT, MOVED_BY, POINTS, TIMES_MOVED, MOVED_TAG = 1, 2, 3, 4, 5

local MAX_WINDOWS = 64
local NEUTRAL, HIGHEST, NEARLY, MAX_MOVES, DAY_MS = 50000, 100000, 500, 10, 24 * 60 * 60000
local SLACK_MS = 60000
local LONGEST_LIFE_MS = 400 * 24 * 60 * 60000

-- What one call works on: set at its beginning, and no call comes between.
local base, emptyAt, windows, score, latestAt, changed

-- A column is made with its first text.
local function insertText(window, column, place, text)
  local texts = window[column]
  if text and not texts then
    texts = {}
    for i = 1, #window[TIMES] do texts[i] = false end
    window[column] = texts
  end
  if texts then table.insert(texts, place, text) end
end

local function insert(window, at, id, tag)
  local times = window[TIMES]
  local place = #times + 1
  while place > 1 and times[place - 1] > at do place = place - 1 end
  insertText(window, IDS, place, id)
  insertText(window, TAGS, place, tag)
  table.insert(times, place, at)
end

local function removeAt(window, place)
  if window[IDS] then table.remove(window[IDS], place) end
  if window[TAGS] then table.remove(window[TAGS], place) end
  return table.remove(window[TIMES], place)
end

local function dropOldest(window, count)
  if count == 0 then return end
  local length = #window[TIMES]
  for column = TIMES, TAGS do
    local entries = window[column]
    if entries then
      for i = 1, length do entries[i] = entries[i + count] end
    end
  end
end

local function placeOf(window, id)
  for place, other in ipairs(window[IDS] or {}) do
    if other == id then return place end
  end
  return nil
end

-- The same fact has the same id and the same time.
local function holds(window, at, id)
  if not id or not window[IDS] then return false end
  for place = #window[TIMES], 1, -1 do
    local time = window[TIMES][place]
    if time < at then return false end
    if time == at and window[IDS][place] == id then return true end
  end
  return false
end

local function countAfter(window, start)
  local times = window[TIMES]
  local place = #times
  while place > 0 and times[place] > start do place = place - 1 end
  return #times - place
end

-- The window of that name, moved on to `at`, without what no longer counts.
local function windowAt(name, at, length)
  changed = true
  if not latestAt or at > latestAt then latestAt = at end
  if at + length > emptyAt then emptyAt = at + length end
  local found
  for _, window in ipairs(windows) do
    if window[NAME] == name then found = window end
  end
  if not found then
    if #windows >= MAX_WINDOWS then table.remove(windows, 1) end
    found = { name, length, at, false, false, false, {}, false, false }
    table.insert(windows, found)
    return found
  end
  found[LENGTH] = length
  if at > found[NOW] then found[NOW] = at end
  local start, expired, times = found[NOW] - length, 0, found[TIMES]
  while times[expired + 1] and times[expired + 1] <= start do expired = expired + 1 end
  dropOldest(found, expired)
  return found
end

local function isWithin(window, at) return at > window[NOW] - window[LENGTH] end

local function inRow(window, at)
  local row = window[ROW]
  return row and at < row[ENDS_AT] and row[COUNT] or 0
end

local function addToRow(window, at, threshold, keepMs)
  local row = window[ROW]
  if not row or at >= row[ENDS_AT] or row[COUNT] == 0 then row = { 0, at, at, keepMs } end
  row[COUNT] = row[COUNT] + 1
  row[ENDS_AT] = math.max(row[ENDS_AT], at + math.ceil(keepMs * math.min(row[COUNT] / threshold, 1)))
  if row[ENDS_AT] > emptyAt then emptyAt = row[ENDS_AT] end
  window[ROW] = row
end

-- Whether the threshold is reached now, and had not been within the last `length`.
local function cross(window, field, count, threshold, length)
  if count < threshold then return false end
  if window[field] and window[NOW] - window[field] < length then return false end
  window[field] = window[NOW]
  return true
end

-- When the wait after the newest entry ends.
local function waitEnd(window, backoff)
  local threshold, length, waitMs, longestMs = unpack(backoff)
  local times = window[TIMES]
  for last = threshold, #times do
    if times[last] - times[last - threshold + 1] < length then
      return times[#times] + math.min(waitMs * 2 ^ (#times - last), longestMs)
    end
  end
  return nil
end

-- Of the entries with this tag, or of those without one: how many, how many in the burst, and whether that is all they may be.
local function shareOf(window, tag, perTag, burst)
  local start, all, inBurst = burst and window[NOW] - burst[1] or window[NOW], 0, 0
  for place, time in ipairs(window[TIMES]) do
    if (window[TAGS] and window[TAGS][place] or false) == tag then
      all = all + 1
      if time > start then inBurst = inBurst + 1 end
    end
  end
  return all, inBurst, all >= perTag[1] or (burst and inBurst >= perTag[2])
end

local function round(number) return math.floor(number + 0.5) end

-- Where the score stands; nil: neutral.
local function scoreAt(at)
  if not score or at >= score[SCORE_ENDS_AT] then return nil end
  local age = at - score[SCORED_AT]
  if age <= 0 then return score[VALUE] end
  return NEUTRAL + round((score[VALUE] - NEUTRAL) * 2 ^ (-age / score[HALF_LIFE]))
end

local function absolute(time) return time and time + base or false end

local function countEntry(kind, name, at, length, limit, threshold, id, tag, burst, backoff, row, perTag)
  at = at - base
  local window = windowAt(name, at, length)
  local times = window[TIMES]
  local isKnown = holds(window, at, id)
  local isFull = #times >= limit
  local wasShareFull = perTag and select(3, shareOf(window, tag, perTag, burst))
  local isRefused = kind == "reserve" and (
    isFull
    or (burst and countAfter(window, window[NOW] - burst[1]) >= burst[2])
    or wasShareFull
    or (row and inRow(window, at) >= row[1])
    or (backoff and at < (waitEnd(window, backoff) or at))
  )
  local isAdmitted = isKnown
  if not isKnown and not isRefused and isWithin(window, at) then
    insert(window, at, id, tag)
    if isFull then dropOldest(window, 1) end
    if row then addToRow(window, at, row[1], row[2]) end
    isAdmitted = true
  end
  local isCounted = kind == "count" and isAdmitted
  local isCrossed = isCounted and cross(window, CROSSED_AT, #times, threshold, length)
  local inBurst = burst and countAfter(window, window[NOW] - burst[1]) or 0
  local isBurst = isCounted and burst and cross(window, BURST_CROSSED_AT, inBurst, burst[2], burst[1])
  local rowLength = row and inRow(window, at) or 0
  local answer = {
    #times,
    isAdmitted and 1 or 0,
    isCrossed and 1 or 0,
    absolute(times[1]),
    inBurst,
    isBurst and 1 or 0,
    rowLength,
    -- A row only grows, so its threshold is crossed by the entry that makes it as long.
    row and isCounted and not isKnown and rowLength == row[1] and 1 or 0,
    backoff and absolute(waitEnd(window, backoff)),
    scoreAt(at) or false,
  }
  if perTag then
    local all, inShareBurst, isShareFull = shareOf(window, tag, perTag, burst)
    answer[11], answer[12], answer[13] = all, inShareBurst, isCounted and isShareFull and not wasShareFull and 1 or 0
  end
  return answer
end

-- A member seen again is moved to its latest time, unless it counts by its first.
local function recordMember(_, name, at, length, limit, threshold, member, sinceFirst)
  at = at - base
  local window = windowAt(name, at, length)
  local times = window[TIMES]
  local place = placeOf(window, member)
  local isAdmitted = false
  if isWithin(window, at) and (not place or (not sinceFirst and times[place] < at)) then
    if place then removeAt(window, place) end
    insert(window, at, member, false)
    if #times > limit then dropOldest(window, 1) end
    isAdmitted = not place
  end
  local isCrossed = isAdmitted and cross(window, CROSSED_AT, #times, threshold, length)
  return { #times, isAdmitted and 1 or 0, isCrossed and 1 or 0, absolute(times[1]) }
end

local function recall(_, name, at, length, limit, entry)
  at = at - base
  local window = windowAt(name, at, length)
  local times = window[TIMES]
  local before = {}
  for place = #times, 1, -1 do
    if times[place] <= at then table.insert(before, { absolute(times[place]), window[IDS][place] }) end
  end
  local isNew = not holds(window, at, entry)
  if isNew and isWithin(window, at) then
    insert(window, at, entry, false)
    if #times > limit then dropOldest(window, 1) end
  end
  return { #times, isNew and 1 or 0, 0, absolute(times[1]), before }
end

-- An entry from before the row began is none of it.
local function release(window, id)
  local place = placeOf(window, id)
  if not place then return end
  local at = removeAt(window, place)
  local row = window[ROW]
  if row and row[COUNT] > 0 and at >= row[STARTED_AT] then row[COUNT] = row[COUNT] - 1 end
end

-- What is left may cross the threshold again.
local function clear(window, tag)
  if not tag then window[ROW] = false end
  local before = #window[TIMES]
  for place = before, 1, -1 do
    if not tag or (window[TAGS] and window[TAGS][place] == tag) then removeAt(window, place) end
  end
  if #window[TIMES] < before then window[CROSSED_AT], window[BURST_CROSSED_AT] = false, false end
end

local function endRow(window) window[ROW] = false end

local function placeScore(at, value, halfLife)
  score = score or { 0, at, 0, 0, false, false, {}, {} }
  score[VALUE], score[SCORED_AT], score[HALF_LIFE] = value, math.max(at, score[SCORED_AT]), halfLife
end

local function rememberMove(move)
  local moves = score[MOVES]
  table.insert(moves, move)
  if #moves > MAX_MOVES then table.remove(moves, 1) end
end

-- For as long as it is not nearly neutral, and to the end of the day on which it was raised.
local function keepScore()
  local at, apart = score[SCORED_AT], math.abs(score[VALUE] - NEUTRAL)
  local nearlyAt = at
  if apart > NEARLY then
    nearlyAt = at + math.ceil(score[HALF_LIFE] * (math.log(apart / NEARLY) / math.log(2)))
  end
  local dayEnd = #score[RAISED_BY] > 0 and (score[DAY] + 1) * DAY_MS - base or 0
  score[SCORE_ENDS_AT] = math.max(nearlyAt, at + 1, dayEnd)
  if score[SCORE_ENDS_AT] > emptyAt then emptyAt = score[SCORE_ENDS_AT] end
end

local function lowerScore(by, at, points, tag, halfLife)
  local known = 0
  for _, move in ipairs(score and score[MOVES] or {}) do
    if tag and move[MOVED_TAG] == tag and move[POINTS] < 0 then known = known + 1 end
  end
  local before = scoreAt(at) or NEUTRAL
  local moved = math.max(round(points / 2 ^ known), -before)
  placeScore(at, before + moved, halfLife)
  score[LOWERED_AT] = score[SCORED_AT]
  rememberMove({ at, by, moved, 1, tag })
end

local function raiseScore(by, at, points, tag, halfLife, mostADay, holdMs)
  if not tag then return false end
  local day = math.floor((at + base) / DAY_MS)
  local raisedBy = score and score[DAY] == day and score[RAISED_BY] or {}
  if score then
    if score[LOWERED_AT] and at < score[LOWERED_AT] + holdMs then return false end
    if score[DAY] and day < score[DAY] or #raisedBy >= mostADay then return false end
    for _, other in ipairs(raisedBy) do
      if other == tag then return false end
    end
  end
  local before = scoreAt(at) or NEUTRAL
  local moved = math.min(round(points * (HIGHEST - before) / HIGHEST), HIGHEST - before)
  placeScore(at, before + moved, halfLife)
  local last = score[MOVES][#score[MOVES]]
  if #raisedBy > 0 and last and last[POINTS] >= 0 and last[MOVED_BY] == by then
    last[MOVED_AT], last[POINTS], last[TIMES_MOVED] = at, last[POINTS] + moved, last[TIMES_MOVED] + 1
  else
    rememberMove({ at, by, moved, 1, false })
  end
  table.insert(raisedBy, tag)
  score[DAY], score[RAISED_BY] = day, raisedBy
  return true
end

local function moveScore(_, by, at, points, tag, halfLife, mostADay, holdMs)
  at = at - base
  if score and at >= score[SCORE_ENDS_AT] then score = false end
  local isMoved = true
  if points < 0 then
    lowerScore(by, at, points, tag, halfLife)
  else
    isMoved = raiseScore(by, at, points, tag, halfLife, mostADay, holdMs)
  end
  if isMoved then
    changed = true
    if not latestAt or at > latestAt then latestAt = at end
    keepScore()
  end
  return { isMoved and 1 or 0, scoreAt(at) or false }
end

local function holdsNothing()
  if score then return false end
  for _, window in ipairs(windows) do
    if #window[TIMES] > 0 or (window[ROW] and window[ROW][COUNT] > 0) then return false end
  end
  return true
end

local takeOut = { release = release, clear = clear, ["end-row"] = endRow }

local function takeOutOf(kind, name, what)
  changed = true
  if kind == "clear" and not name and not what then score = false end
  for _, window in ipairs(windows) do
    if not name or window[NAME] == name then takeOut[kind](window, what) end
  end
  -- What comes behind it in the same call finds nothing, as it would in the next one.
  if holdsNothing() then windows, emptyAt = {}, 0 end
  return {}
end

local function stateOf(window, at, length, tag)
  local start = math.max(at, window[NOW]) - length
  local count, oldest, newest = 0, nil, nil
  for place, time in ipairs(window[TIMES]) do
    if time > start and (not tag or (window[TAGS] and window[TAGS][place] == tag)) then
      count, oldest, newest = count + 1, oldest or time, time
    end
  end
  if count == 0 then return nil end
  return { window[NAME], count, length, absolute(oldest), absolute(newest + length) }
end

local function peek(_, at, lengths, tag)
  if not base then return { {}, false, {} } end
  at = at - base
  local states = {}
  for _, window in ipairs(windows) do
    for _, asked in ipairs(lengths) do
      if asked[1] == window[NAME] and asked[2] < window[LENGTH] then
        table.insert(states, stateOf(window, at, asked[2], tag))
      end
    end
    table.insert(states, stateOf(window, at, window[LENGTH], tag))
    local row = window[ROW]
    if row and not tag and inRow(window, at) > 0 then
      table.insert(states, { window[NAME], row[COUNT], row[KEPT_MS], absolute(row[STARTED_AT]), absolute(row[ENDS_AT]) })
    end
  end
  local stands, moves = not tag and scoreAt(at) or false, {}
  for _, move in ipairs(stands and score[MOVES] or {}) do
    table.insert(moves, 1, { absolute(move[MOVED_AT]), move[MOVED_BY], move[POINTS], move[TIMES_MOVED] })
  end
  return { states, stands, moves }
end

local verbs = {
  count = countEntry,
  reserve = countEntry,
  distinct = recordMember,
  recent = recall,
  release = takeOutOf,
  clear = takeOutOf,
  ["end-row"] = takeOutOf,
  score = moveScore,
  peek = peek,
}

return function(KEYS, ARGV)
  local key = KEYS[1]
  local stored = redis.call("GET", key)
  base, emptyAt, windows, score, latestAt, changed = false, 0, {}, false, nil, false
  if stored then base, emptyAt, windows, score = unpack(cmsgpack.unpack(stored)) end
  local answers = {}
  for i, operation in ipairs(cjson.decode(ARGV[1])) do
    local kind = operation[1]
    if not base and kind ~= "peek" and type(operation[3]) == "number" then base = operation[3] end
    answers[i] = verbs[kind](unpack(operation))
  end

  if changed then
    if holdsNothing() then
      if stored then redis.call("DEL", key) end
    elseif latestAt then
      local life = math.min(math.max(emptyAt - latestAt, 0) + SLACK_MS, LONGEST_LIFE_MS)
      redis.call("SET", key, cmsgpack.pack({ base, emptyAt, windows, score }), "PX", life)
    else
      redis.call("SET", key, cmsgpack.pack({ base, emptyAt, windows, score }), "KEEPTTL")
    end
  end
  return answers
end
