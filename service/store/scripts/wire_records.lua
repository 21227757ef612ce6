#!lua flags=no-writes
-- Wire stories' records, with the token of the state that they are exact at.
-- KEYS: 1 state, from 2 the records. Returns {token, record or nothing …}
local reply = {redis.call('HGET', KEYS[1], 'token') or ''}
for i = 2, #KEYS do
  reply[i] = redis.call('GET', KEYS[i])
end
return reply
