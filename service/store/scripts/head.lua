#!lua flags=no-writes
-- Where a story stands, and the findings whose turn it is, one behind the other: none while the line is paused, and why
-- it is, or is slowed. Behind mark.lua.
-- KEYS: 1 state, 2 findings, 3 articles
-- ARGV: 1 findings at most, 2 number of the first of them (0: the next to commit)
-- Returns {admitted, committed, sequence, token, paused, slowed, finding, mark, finding, mark …}
local state = redis.call('HMGET', KEYS[1], 'admitted', 'committed', 'sequence', 'token', 'paused', 'slowed')
local reply = {state[1], state[2], state[3], state[4], state[5], state[6]}
if state[5] or state[1] == state[2] then
  return reply
end
local turns, first = {}, tonumber(ARGV[2] == '0' and (state[2] or '0') or ARGV[2] - 1)
for i = 1, tonumber(ARGV[1]) do turns[i] = string.format('%d', first + i) end
local found = redis.call('HMGET', KEYS[2], unpack(turns))
if not found[1] then return reply end
local marks = {}
for _, entry in ipairs(redis.call('XRANGE', KEYS[3], turns[1] .. '-0', turns[#turns] .. '-0')) do
  marks[entry[1]] = mark_of(entry)
end
for i, finding in ipairs(found) do
  if not finding then break end
  reply[5 + 2 * i], reply[6 + 2 * i] = finding, marks[turns[i] .. '-0'] or ''
end
return reply
