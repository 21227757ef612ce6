#!lua flags=no-writes
-- Where a story stands, and the finding whose turn it is.
-- KEYS: 1 state, 2 findings
local state = redis.call('HMGET', KEYS[1], 'admitted', 'committed', 'sequence', 'token')
local turn = string.format('%d', tonumber(state[2] or '0') + 1)
return {state[1], state[2], state[3], state[4], redis.call('HGET', KEYS[2], turn)}
