-- What tells one admission from any other that ever had its number: when it was, and of what. Nil if it is not there.
local function mark(articles, number)
  local entry = redis.call('XRANGE', articles, number .. '-0', number .. '-0')[1]
  local of = {}
  for i = 1, entry and #entry[2] or 0, 2 do
    of[entry[2][i]] = entry[2][i + 1]
  end
  return entry and (of.at or '') .. ' ' .. (of.id or '') .. ' ' .. (of.version or '')
end
