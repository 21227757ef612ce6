#!lua
-- Buries an article that cannot be decided: a tombstone takes the place of its finding, the reason goes to `dead`.
-- KEYS: 1 state, 2 findings, 3 articles, 4 dead, 5 starts
-- ARGV: 1 number, 2 tombstone, 3 group, 4 length of dead, 5 name of the mark, 6 nonce, 7… fields of the entry
-- Returns 1 if this call buried it, be it that the reply was lost and the call repeated.
local number = ARGV[1]
if tonumber(number) <= tonumber(redis.call('HGET', KEYS[1], 'committed') or '0') then
  return 0
end
-- the mark stands beside the counter of starts and goes with the commit
if redis.call('HSETNX', KEYS[5], ARGV[5], ARGV[6]) == 0 then
  return redis.call('HGET', KEYS[5], ARGV[5]) == ARGV[6] and 1 or 0
end
redis.call('HSET', KEYS[2], number, ARGV[2])
local starts = string.match(redis.call('HGET', KEYS[5], number) or '0', '^%d+')
redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[4], '*', 'starts', starts, unpack(ARGV, 7))
redis.pcall('XACK', KEYS[3], ARGV[3], number .. '-0')
return 1
