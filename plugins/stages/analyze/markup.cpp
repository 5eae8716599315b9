#include "markup.h"

#include <sheafline/utf8.h>

#include "shown_number.h"

namespace sheafline::analyze {

std::string escaped(std::string_view text) {
    std::string markup;
    for (const char c : cleanUtf8(text)) {
        switch (c) {
            case '&':
                markup += "&amp;";
                break;
            case '<':
                markup += "&lt;";
                break;
            case '>':
                markup += "&gt;";
                break;
            case '"':
                markup += "&quot;";
                break;
            case '\'':
                markup += "&#39;";
                break;
            default:
                // C0 controls other than tab and line feed are not allowed in HTML.
                if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n')
                    markup += "\xEF\xBF\xBD";
                else
                    markup += c;
        }
    }
    return markup;
}

std::string place(double value) { return shownNumber(value, 2); }

}  // namespace sheafline::analyze
