// The text of a pipeline file without secrets: for readers who may not know them. Values that come
// from ${{ secrets.NAME }} are not in the file. A secret that the file has literally is replaced by
// *** if its key says so (password, token, secret, api_key …), if it is in a URL, or if it follows
// such an option in a list of arguments. Comments keep everything else. Pure; any thread.
//
//     shownSource("with: {secret: abc}")  // "with: {secret: ***}"
#pragma once

#include <string>
#include <string_view>

namespace sheafline {

std::string shownSource(std::string_view text);

}  // namespace sheafline
