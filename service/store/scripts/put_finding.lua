#!lua
-- Parks what was found in an article until it is its turn. From here on the entry needs no worker: acknowledged.
-- A server that came back older than it was may have given the number to another article since it was read.
-- KEYS: 1 state, 2 findings, 3 articles   ARGV: 1 number, 2 finding, 3 group, 4 mark of the admission (nothing: any)
if tonumber(ARGV[1]) <= tonumber(redis.call('HGET', KEYS[1], 'committed') or '0') then
  return 0
end
if ARGV[4] ~= '' and mark(KEYS[3], ARGV[1]) ~= ARGV[4] then
  return 0
end
redis.call('HSETNX', KEYS[2], ARGV[1], ARGV[2])
redis.pcall('XACK', KEYS[3], ARGV[3], ARGV[1] .. '-0')
return redis.call('HGET', KEYS[2], ARGV[1]) == ARGV[2] and 1 or 0
