#!lua
-- Gives a delivery up, once: an entry among the group's dead letters that names it, and an acknowledgement.
-- KEYS: 1 stream, 2 the group's state, 3 the group's dead letters
-- ARGV: 1 group, 2 entry, 3 dead letters that stay, from 4 on fields and values
-- Returns 0 if it was ended before; nothing was written then.
if redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1)[1] == nil then
  return 0
end
local starts = string.match(redis.call('HGET', KEYS[2], 'starts:' .. ARGV[2]) or '0', '^%d+')
redis.call('XADD', KEYS[3], 'MAXLEN', ARGV[3], '*', 'entry', ARGV[2], 'starts', starts, unpack(ARGV, 4))
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
redis.call('HDEL', KEYS[2], 'starts:' .. ARGV[2])
redis.call('HINCRBY', KEYS[2], 'count:parked', 1)
return 1
