#!lua flags=allow-oom
-- Drops what nobody needs: articles that are committed, events older than the retention that every group has read. What
-- a group has not read and will not get any more stands in `gaps`.
-- KEYS: 1 state, 2 articles, 3 events, 4 new-claims, 5 outcomes, 6 lapsed, 7 gaps
-- ARGV: 1 keep (ms): events younger stay   2 hold (ms): events older go, whoever has not read them   3 outcomes that
--       stay   4 gaps that stay
-- Returns the entries dropped from each stream, and the gaps. Allowed when memory is full: it is what frees some.
local call = redis.call
local function fields(flat)
  local of = {}
  for i = 1, #flat, 2 do of[flat[i]] = flat[i + 1] end
  return of
end
local function before(a, b)
  local a_ms, a_n = string.match(a, '^(%d+)-?(%d*)$')
  local b_ms, b_n = string.match(b, '^(%d+)-?(%d*)$')
  a_ms, a_n, b_ms, b_n = tonumber(a_ms), tonumber(a_n) or 0, tonumber(b_ms), tonumber(b_n) or 0
  return a_ms < b_ms or (a_ms == b_ms and a_n < b_n)
end
-- Of each group of a stream the first entry that it holds, or else the one that it was handed last.
local function positions(key)
  local found = {}
  for _, flat in ipairs(call('EXISTS', key) == 1 and call('XINFO', 'GROUPS', key) or {}) do
    local group = fields(flat)
    local pending = call('XPENDING', key, group.name)
    found[group.name] = {held = pending[1] > 0 and pending[2] or nil, read = group['last-delivered-id']}
  end
  return found
end
local function earliest(found, horizon, holds)
  for name, at in pairs(found) do
    local first = at.held or at.read
    if holds(name) and before(first, horizon) then
      horizon = first
    end
  end
  return horizon
end
-- What is dropped before `first` and was not read to its end, group by group.
local function gaps(key, stream, found, first)
  local told = {}
  for name, at in pairs(found) do
    local from = at.held or ('(' .. at.read)
    if before(at.held or at.read, first) then
      local lost = call('XRANGE', key, from, '(' .. first, 'COUNT', 1)[1]
      if lost then
        local last = call('XREVRANGE', key, '(' .. first, '-', 'COUNT', 1)[1]
        told[#told + 1] = {stream, name, fields(lost[2]).sequence or '', fields(last[2]).sequence or ''}
      end
    end
  end
  table.sort(told, function(a, b) return a[2] < b[2] end)
  return told
end

local committed = call('HGET', KEYS[1], 'committed') or '0'
call('HLEN', KEYS[6]) -- a key of another type is told before the first write
for _, at in ipairs({2, 3, 4, 5, 7}) do call('XLEN', KEYS[at]) end
local now = call('TIME')
local now_ms = now[1] * 1000 + math.floor(now[2] / 1000)
local keep = string.format('%d-0', math.max(0, now_ms - ARGV[1]))
local hold = string.format('%d-0', math.max(0, now_ms - ARGV[2]))
local desk = earliest(positions(KEYS[2]), committed .. '-0', function() return true end)
local dropped, missed = {call('XTRIM', KEYS[2], 'MINID', desk)}, {}
for i, stream in ipairs({'events', 'new-claims'}) do
  local key = KEYS[i + 2]
  local found = positions(key)
  local first = earliest(found, keep, function(name) return call('HEXISTS', KEYS[6], stream .. ' ' .. name) == 0 end)
  if before(first, hold) then
    first = hold
  end
  for _, gap in ipairs(gaps(key, stream, found, first)) do
    call('XADD', KEYS[7], 'MAXLEN', ARGV[4], '*', 'stream', gap[1], 'group', gap[2], 'from', gap[3], 'to', gap[4])
    missed[#missed + 1] = gap
  end
  dropped[i + 1] = call('XTRIM', key, 'MINID', first)
end
dropped[4] = call('XTRIM', KEYS[5], 'MINID', math.max(0, committed - ARGV[3]) .. '-1')
return {dropped, missed}
