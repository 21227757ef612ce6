#!lua
-- Counts one start of handling a delivery. The nonce makes a repeated call count once.
-- KEYS: 1 stream, 2 the group's state   ARGV: 1 group, 2 consumer, 3 entry, 4 nonce
-- Returns the count; 0 if the entry is not this consumer's (any more), or its event is gone: that ends it.
local held = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[3], ARGV[3], 1)[1]
if not held or held[2] ~= ARGV[2] then
  return 0
end
local field = 'starts:' .. ARGV[3]
local was = redis.call('HGET', KEYS[2], field) or '0 -'
if #redis.call('XRANGE', KEYS[1], ARGV[3], ARGV[3]) == 0 then
  redis.call('XACK', KEYS[1], ARGV[1], ARGV[3])
  redis.call('HDEL', KEYS[2], field)
  redis.call('HINCRBY', KEYS[2], 'count:lost', 1)
  return 0
end
local count, nonce = string.match(was, '^(%d+) (.*)$')
if nonce == ARGV[4] then
  return tonumber(count)
end
redis.call('HSET', KEYS[2], field, (count + 1) .. ' ' .. ARGV[4])
redis.call('HINCRBY', KEYS[2], 'count:started', 1)
return count + 1
