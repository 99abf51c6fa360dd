-- Opens a repository in Neovim, saves a breach, sees the diagnostic; switches d1lint off and on in the settings; takes
-- the breach back, sees it gone.
-- Run by `make test-editor`, which sets D1LINT (the command) and REPOSITORY (a copy of fixtures/clean).

local PATIENCE = 20000 -- milliseconds
local FILE = vim.env.REPOSITORY .. "/src/db/schema/loans.ts"

local function fail(message)
  io.stderr:write("failed: " .. message .. "\n")
  vim.cmd("cquit 1")
end

local function wait_for(what, is_so)
  if not vim.wait(PATIENCE, is_so, 20) then
    fail(what .. "; shown: " .. vim.inspect(vim.diagnostic.get(0)))
  end
  io.stdout:write("ok: " .. what .. "\n")
end

local function shows(rule)
  return function()
    local found = vim.diagnostic.get(0)
    return #found == 1 and found[1].code == rule and found[1].source == "d1lint"
  end
end

local function set(settings)
  for _, client in pairs((vim.lsp.get_clients or vim.lsp.buf_get_clients)()) do
    client.config.settings = settings
    client.settings = settings -- where Neovim 0.10 and later look
  end
  vim.lsp.buf_notify(0, "workspace/didChangeConfiguration", { settings = settings })
end

vim.cmd("edit " .. vim.fn.fnameescape(FILE))
local config = { name = "d1lint", cmd = { vim.env.D1LINT, "server" }, root_dir = vim.env.REPOSITORY }
if vim.lsp.start then
  vim.lsp.start(config)
else -- Neovim before 0.8
  vim.lsp.buf_attach_client(0, vim.lsp.start_client(config))
end
wait_for("the server answers", function()
  for _, client in pairs((vim.lsp.get_clients or vim.lsp.buf_get_clients)()) do
    return client.initialized
  end
end)

vim.fn.append(0, 'import { pgTable } from "drizzle-orm/pg-core";')
vim.cmd("write")
wait_for("a breach that is saved is shown", shows("foreign-dialect"))
local found = vim.diagnostic.get(0)[1]
io.stdout:write(("%d:%d %s: %s\n"):format(found.lnum + 1, found.col + 1, found.code, found.message))

set({ d1lint = { enable = false } })
wait_for("it is gone when d1lint is switched off in the settings", function()
  return #vim.diagnostic.get(0) == 0
end)
set({ d1lint = { enable = true } })
wait_for("it is back when d1lint is switched on again", shows("foreign-dialect"))

vim.cmd("1delete")
wait_for("and is gone when it is taken back, before it is saved", function()
  return #vim.diagnostic.get(0) == 0
end)
vim.cmd("qall!")
