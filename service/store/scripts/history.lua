-- Whether the commit that a reader's cursor names is one of this server's history: it could be trimmed from the log, or
-- the server could have lost what the reader saw, and gone on otherwise. Put in front of the scripts that tell what
-- changed since.
local function stands(log, number, token)
  local id = string.format('%d-0', number)
  local logged = number > 0 and redis.call('XRANGE', log, id, id)[1]
  return logged and logged[2][2] == token
end
