#!lua
-- Writes a stream anew, so that what was deleted from it stands nowhere: a deleted entry is only marked in the block that
-- it shares with others, and stays in memory, in snapshots and in logs. Entries keep their ids; groups keep how far
-- they have come, their consumers and what these have in hand.
-- KEYS: 1 stream, 2 a name that nothing has
-- ARGV: 1 entries read at a time
-- Returns how many entries there are.
local call = redis.call
if call('EXISTS', KEYS[1]) == 0 then
  return 0
end
local function fields(flat)
  local of = {}
  for i = 1, #flat, 2 do of[flat[i]] = flat[i + 1] end
  return of
end
local function parts(id)
  local ms, number = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(number)
end
local function reaches(last, id) -- whether a group that was given `last` was given `id`
  local a, b = parts(last)
  local c, d = parts(id)
  return c < a or (c == a and d <= b)
end

local info = fields(call('XINFO', 'STREAM', KEYS[1]))
local groups = {}
for _, flat in ipairs(call('XINFO', 'GROUPS', KEYS[1])) do
  local group = fields(flat)
  group.read = 0
  groups[#groups + 1] = group
end
call('DEL', KEYS[2])
local count, after = 0, '-'
while true do
  local entries = call('XRANGE', KEYS[1], after, '+', 'COUNT', ARGV[1])
  if #entries == 0 then break end
  for _, entry in ipairs(entries) do
    call('XADD', KEYS[2], entry[1], unpack(entry[2]))
    count = count + 1
    for _, group in ipairs(groups) do
      if reaches(group['last-delivered-id'], entry[1]) then group.read = group.read + 1 end
    end
  end
  after = '(' .. entries[#entries][1]
end
if count == 0 then -- a stream without entries, but with its last id and its groups
  call('XADD', KEYS[2], '0-1', 'x', 'x')
  call('XDEL', KEYS[2], '0-1')
end
call('XSETID', KEYS[2], info['last-generated-id'], 'ENTRIESADDED', count, 'MAXDELETEDID', '0-0')
for _, group in ipairs(groups) do
  call('XGROUP', 'CREATE', KEYS[2], group.name, group['last-delivered-id'], 'ENTRIESREAD', group.read)
  for _, flat in ipairs(call('XINFO', 'CONSUMERS', KEYS[1], group.name)) do
    call('XGROUP', 'CREATECONSUMER', KEYS[2], group.name, fields(flat).name)
  end
  local from = '-'
  while true do
    local pending = call('XPENDING', KEYS[1], group.name, from, '+', ARGV[1])
    if #pending == 0 then break end
    for _, one in ipairs(pending) do -- what was deleted is in nobody's hand any more
      call('XCLAIM', KEYS[2], group.name, one[2], 0, one[1], 'IDLE', one[3], 'RETRYCOUNT', one[4], 'FORCE', 'JUSTID')
    end
    from = '(' .. pending[#pending][1]
  end
end
call('RENAME', KEYS[2], KEYS[1])
return count
