#!lua
-- Counts one start of reading an article. The nonce makes a repeated call count once.
-- KEYS: 1 state, 2 starts   ARGV: 1 number, 2 nonce
local state = redis.call('HMGET', KEYS[1], 'committed', 'admitted')
local number = tonumber(ARGV[1])
if number <= tonumber(state[1] or '0') or number > tonumber(state[2] or '0') then
  return 0 -- above: the server lost its admission
end
local was = redis.call('HGET', KEYS[2], ARGV[1]) or '0 -'
local count, nonce = string.match(was, '^(%d+) (.*)$')
if nonce == ARGV[2] then
  return tonumber(count)
end
redis.call('HSET', KEYS[2], ARGV[1], (count + 1) .. ' ' .. ARGV[2])
return count + 1
