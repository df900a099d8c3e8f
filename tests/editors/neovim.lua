-- What the tests see of Neovim. It only watches: every message goes on to Neovim's own handler, and
-- nothing here changes what a plain Neovim does. The result is the global `watch`.

local api = vim.api

watch = {
  edits = {}, -- every workspace/applyEdit, with the buffer before and after it
  dropped = 0, -- how many of those changed nothing
  came = {}, -- every other message of the server: { method, params }
  answers = {}, -- by number, the answers to `ask`
  chosen = {}, -- what the user was offered by vim.ui.select, and what was taken
  exits = {}, -- exit codes of servers
}

local ENDS = { unix = "\n", dos = "\r\n", mac = "\r" }

-- The buffer's text as it would be written, without a BOM.
function watch.text(buffer)
  buffer = buffer == 0 and api.nvim_get_current_buf() or buffer
  local ending = ENDS[api.nvim_buf_get_option(buffer, "fileformat")]
  local text = table.concat(api.nvim_buf_get_lines(buffer, 0, -1, true), ending)
  return api.nvim_buf_get_option(buffer, "endofline") and text .. ending or text
end

-- The screen as the user sees it, line by line.
function watch.screen()
  vim.cmd("redraw")
  local lines = {}
  for row = 1, vim.o.lines do
    local cells = {}
    for column = 1, vim.o.columns do
      cells[column] = vim.fn.screenstring(row, column)
    end
    lines[row] = table.concat(cells)
  end
  return table.concat(lines, "\n")
end

local function apply_edit(err, params, context, config)
  local change = (params.edit.documentChanges or {})[1]
  local buffer = vim.uri_to_bufnr(change.textDocument.uri)
  local before, tick = watch.text(buffer), api.nvim_buf_get_changedtick(buffer)
  local answer = vim.lsp.handlers["workspace/applyEdit"](err, params, context, config)
  local dropped = tick == api.nvim_buf_get_changedtick(buffer)
  watch.dropped = watch.dropped + (dropped and 1 or 0)
  table.insert(watch.edits, {
    buffer = buffer,
    version = change.textDocument.version,
    before = before,
    after = watch.text(buffer),
    dropped = dropped,
    applied = answer.applied,
  })
  return answer
end

local function handlers()
  local found = { ["workspace/applyEdit"] = apply_edit }
  for _, method in ipairs({
    "$/progress",
    "window/logMessage",
    "window/showMessage",
    "window/workDoneProgress/create",
  }) do
    found[method] = function(err, params, context, config)
      table.insert(watch.came, { method = method, params = vim.deepcopy(params) })
      return vim.lsp.handlers[method](err, params, context, config)
    end
  end
  -- Only a plugin knows this one, so it goes no further.
  found["midstream/session"] = function(_, params)
    table.insert(watch.came, { method = "midstream/session", params = params })
  end
  return found
end

-- Start the server and attach it to the current buffer, as each version's users do; with `sessions`
-- as a plugin does that wants to be told everything.
function watch.attach(cmd, options, debounce, sessions)
  local capabilities = vim.lsp.protocol.make_client_capabilities()
  if sessions then
    capabilities.experimental = { midstream = { session = true } }
  end
  local config = {
    capabilities = capabilities,
    name = "midstream",
    cmd = cmd,
    root_dir = vim.fn.getcwd(),
    init_options = options,
    flags = debounce ~= vim.NIL and { debounce_text_changes = debounce } or nil,
    handlers = handlers(),
    on_exit = function(code)
      table.insert(watch.exits, code)
    end,
  }
  watch.config = config
  if vim.lsp.start then
    watch.client = vim.lsp.start(config)
  else
    watch.client = vim.lsp.start_client(config)
    vim.lsp.buf_attach_client(0, watch.client)
  end
end

-- Attach the server that runs already to the current buffer too.
function watch.attach_more()
  vim.lsp.buf_attach_client(0, watch.client)
end

function watch.ready()
  local client = vim.lsp.get_client_by_id(watch.client)
  return client ~= nil and client.initialized == true and vim.lsp.buf_is_attached(0, watch.client)
end

local function call(client, name, ...)
  if vim.fn.has("nvim-0.11") == 1 then
    return client[name](client, ...)
  end
  return client[name](...)
end

-- With the buffer's real number: for 0, Neovim would not report first what is typed.
function watch.ask(number, method, params)
  local buffer = api.nvim_get_current_buf()
  call(vim.lsp.get_client_by_id(watch.client), "request", method, params, function(err, result)
    local code, message = err and err.code, err and err.message
    watch.answers[number] = { code = code, message = message, result = result }
  end, buffer)
end

function watch.tell(method, params)
  call(vim.lsp.get_client_by_id(watch.client), "notify", method, params)
end

-- The user who takes what is called `title` from the next menu, whatever else is in it.
function watch.choose(title)
  vim.ui.select = function(items, options, on_choice)
    local titles = {}
    for index, item in ipairs(items) do
      titles[index] = options.format_item(item)
    end
    table.insert(watch.chosen, { titles = titles, title = title })
    for index, item in ipairs(items) do
      if titles[index] == title then
        return on_choice(item, index)
      end
    end
    on_choice(nil, nil)
  end
end
