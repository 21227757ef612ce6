-- What tells one admission from any other that ever had its number: when it was, and of what. Nil if it is not there.
local function mark_of(entry)
  local at, id, version
  local fields = entry[2]
  for i = 1, #fields, 2 do
    local name = fields[i]
    if name == 'at' then at = fields[i + 1]
    elseif name == 'id' then id = fields[i + 1]
    elseif name == 'version' then version = fields[i + 1] end
  end
  return (at or '') .. ' ' .. (id or '') .. ' ' .. (version or '')
end
local function mark(articles, number)
  local entry = redis.call('XRANGE', articles, number .. '-0', number .. '-0')[1]
  return entry and mark_of(entry)
end
