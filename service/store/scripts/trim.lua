#!lua flags=allow-oom
-- Drops what nobody needs: articles that are committed, events older than the retention that every group has read.
-- KEYS: 1 state, 2 articles, 3 events, 4 new-claims, 5 outcomes
-- ARGV: 1 keep (ms): events younger stay   2 hold (ms): events older go, whoever has not read them   3 outcomes that stay
-- Returns the entries dropped from each stream. Allowed when memory is full: it is what frees some.
local function before(a, b)
  local a_ms, a_n = string.match(a, '^(%d+)-?(%d*)$')
  local b_ms, b_n = string.match(b, '^(%d+)-?(%d*)$')
  a_ms, a_n, b_ms, b_n = tonumber(a_ms), tonumber(a_n) or 0, tonumber(b_ms), tonumber(b_n) or 0
  return a_ms < b_ms or (a_ms == b_ms and a_n < b_n)
end
-- The first entry that a group of the stream still needs, or `horizon` if none needs an earlier one.
local function needed(key, horizon)
  if redis.call('EXISTS', key) == 0 then
    return horizon
  end
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', key)) do
    local name, read
    for i = 1, #group, 2 do
      if group[i] == 'name' then name = group[i + 1] end
      if group[i] == 'last-delivered-id' then read = group[i + 1] end
    end
    local pending = redis.call('XPENDING', key, name)
    local first = pending[1] > 0 and pending[2] or read
    if before(first, horizon) then
      horizon = first
    end
  end
  return horizon
end
local committed = redis.call('HGET', KEYS[1], 'committed') or '0'
local now = redis.call('TIME')
local now_ms = now[1] * 1000 + math.floor(now[2] / 1000)
local keep = string.format('%d-0', math.max(0, now_ms - ARGV[1]))
local hold = string.format('%d-0', math.max(0, now_ms - ARGV[2]))
local dropped = {redis.call('XTRIM', KEYS[2], 'MINID', needed(KEYS[2], committed .. '-0'))}
for i = 3, 4 do
  local first = needed(KEYS[i], keep)
  if before(first, hold) then
    first = hold
  end
  dropped[i - 1] = redis.call('XTRIM', KEYS[i], 'MINID', first)
end
dropped[4] = redis.call('XTRIM', KEYS[5], 'MINID', math.max(0, committed - ARGV[3]) .. '-1')
return dropped
