#!lua flags=no-writes
-- Where a story stands, and the finding whose turn it is: none while the line is paused, and why it is, or is slowed.
-- Behind mark.lua.
-- KEYS: 1 state, 2 findings, 3 articles
local state = redis.call('HMGET', KEYS[1], 'admitted', 'committed', 'sequence', 'token', 'paused', 'slowed')
local turn = string.format('%d', tonumber(state[2] or '0') + 1)
local finding = not state[5] and redis.call('HGET', KEYS[2], turn)
return {state[1], state[2], state[3], state[4], finding, state[5], finding and mark(KEYS[3], turn) or '',
  state[6]}
