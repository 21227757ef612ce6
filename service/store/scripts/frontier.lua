#!lua flags=no-writes
-- What is open in a story and what its last commit left, at one moment: for checking that it belongs together.
-- KEYS: 1 state, 2 counts, 3 findings, 4 starts, 5 articles, 6 claims:log, 7 outcomes, 8 events
-- ARGV: 1 group
-- Returns {state, counts, findings, starts, articles, delivered, pending, {log length, first, last, token},
--          {outcomes' length, first, last}, added}: flat hashes, keys of hashes, ids and fields; delivered is '' and added
-- -1 where there is nothing.
local function ends(key)
  local first, last = redis.call('XRANGE', key, '-', '+', 'COUNT', 1)[1], redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)[1]
  return {redis.call('XLEN', key), first and first[1] or '', last and last[1] or '', last and last[2][2] or ''}
end
local delivered, pending = '', {}
if redis.call('EXISTS', KEYS[5]) == 1 then
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[5])) do
    local of = {}
    for i = 1, #group, 2 do of[group[i]] = group[i + 1] end
    if of.name == ARGV[1] then delivered = of['last-delivered-id'] end
  end
  if delivered ~= '' then
    for _, each in ipairs(redis.call('XPENDING', KEYS[5], ARGV[1], '-', '+', 100000)) do
      pending[#pending + 1] = each[1]
    end
  end
end
local articles = {}
for _, entry in ipairs(redis.call('XRANGE', KEYS[5], '-', '+')) do
  local of = {}
  for i = 1, #entry[2], 2 do of[entry[2][i]] = entry[2][i + 1] end
  articles[#articles + 1] = {entry[1], of.id or '', of.version or ''}
end
return {redis.call('HGETALL', KEYS[1]), redis.call('HGETALL', KEYS[2]), redis.call('HKEYS', KEYS[3]),
  redis.call('HKEYS', KEYS[4]), articles, delivered, pending, ends(KEYS[6]), ends(KEYS[7]), redis.call('EXISTS', KEYS[8])}
