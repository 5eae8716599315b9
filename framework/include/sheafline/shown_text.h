// Text for people. shownText() makes text from outside safe for a terminal. Names in archives,
// texts of QR codes, reasons and messages pass through this function before they are printed. Pure;
// any thread.
//
//     std::cerr << shownText(sheet.file) << '\n';   // scan\x1b[2J.jpg
//     std::cerr << counted(entries, "entry", "entries");   // 1 entry, 2 entries
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <sheafline/export.h>

namespace sheafline {

enum class LineBreaks {
    escape,  // the text stays on one line
    keep,    // a message of several lines
};

// Control characters (C0, DEL, C1), line separators and the marks that reverse the direction of
// text become visible escapes: \n, \t, \x1b, \u202e. Bytes that are not UTF-8 become U+FFFD. All
// other text is unchanged.
SHEAFLINE_API std::string shownText(std::string_view text, LineBreaks breaks = LineBreaks::escape);

// A count with its noun. `many` is the noun for all counts but 1; default: `one` with an s.
SHEAFLINE_API std::string counted(std::uint64_t count, std::string_view one,
                                  std::string_view many = {});

}  // namespace sheafline
