#!lua
-- Forgets what was learned of a source's pages. Decisions rest on it, so the state gets another token, and a commit
-- that was decided upon what is forgotten here is refused. The token stays a function of all that was done.
-- KEYS: 1 state, 2 furniture   ARGV: 1 source
-- Returns 1 if there was something to forget.
local token = redis.call('HGET', KEYS[1], 'token') or ''
local committed = redis.call('HGET', KEYS[1], 'committed') or '0'
if redis.call('HDEL', KEYS[2], ARGV[1]) == 0 then
  return 0
end
token = string.sub(redis.sha1hex(token .. '\0furniture\0' .. ARGV[1]), 1, 32)
redis.call('HSET', KEYS[1], 'token', token, 'renewed', committed .. ' ' .. token)
return 1
