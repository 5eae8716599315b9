#include "document.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <new>
#include <qpdf/FileInputSource.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFExc.hh>
#include <qpdf/QPDFPageDocumentHelper.hh>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "page_content.h"
#include "page_image.h"

namespace sheafline::pdf {

namespace {

constexpr std::uint64_t kMostPixels = 200'000'000;  // as the reader of images allows
constexpr double kDrawnDpi = 200;
constexpr double kInchInPoints = 72;
constexpr std::size_t kMarkBytes = 1024;  // the marks are within so many bytes of both ends
constexpr std::size_t kShownBytes = 120;

std::string readAt(int descriptor, std::uint64_t offset, std::size_t length) {
    std::string bytes(length, '\0');
    const ssize_t got = ::pread(descriptor, bytes.data(), length, static_cast<off_t>(offset));
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
}

// A file that was cut off may still be readable in part: its last pages would be missing.
void requireWhole(int descriptor) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) throw UnreadableFile("cannot be read");
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (readAt(descriptor, 0, kMarkBytes).find("%PDF-") == std::string::npos)
        throw UnreadableFile("is not a PDF; save it again");
    const std::uint64_t from = size > 4 * kMarkBytes ? size - 4 * kMarkBytes : 0;
    const std::string end = readAt(descriptor, from, 4 * kMarkBytes);
    // Some programs fill the end with zeros.
    if (end.find("%%EOF") == std::string::npos)
        throw UnreadableFile("is cut off; send the whole file");
}

// What QPDF says, without line breaks and of a bounded length.
std::string shown(std::string text) {
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7E) c = '?';
    if (text.size() > kShownBytes) text.resize(kShownBytes);
    return text;
}

[[noreturn]] void rejectDamaged(const std::string& how) {
    throw UnreadableFile("is damaged (" + shown(how) + "); save it again, or scan the pages again");
}

}  // namespace

struct Document::Parts {
    QPDF pdf;
    std::vector<QPDFPageObjectHelper> pages{};

    explicit Parts(int descriptor) {
        pdf.setSuppressWarnings(true);
        std::FILE* file = ::fdopen(descriptor, "rb");
        if (file == nullptr) throw UnreadableFile("cannot be read");
        pdf.processFile("the file", file, true);
        pages = QPDFPageDocumentHelper(pdf).getAllPages();
    }

    // If QPDF had to repair the file, pages may be missing.
    void requireAllPages() {
        if (pages.empty()) throw UnreadableFile("has no pages; save it again");
        auto root = pdf.getRoot().getKeyIfDict("/Pages");
        auto count = root.getKeyIfDict("/Count");
        if (!pdf.anyWarnings() || !count.isInteger()) return;
        const auto said = count.getIntValue();
        if (said > 0 && static_cast<std::uint64_t>(said) > pages.size())
            rejectDamaged("it has " + std::to_string(said) + " pages, and only " +
                          std::to_string(pages.size()) + " can be found");
    }
};

Document::Document(int descriptor) {
    try {
        requireWhole(descriptor);
    } catch (const UnreadableFile&) {
        ::close(descriptor);
        throw;
    }
    try {
        parts_ = std::make_unique<Parts>(descriptor);
    } catch (const UnreadableFile&) {
        throw;
    } catch (const QPDFExc& error) {
        if (error.getErrorCode() == qpdf_e_password)
            throw UnreadableFile("is encrypted; save it without a password");
        rejectDamaged(error.getMessageDetail());
    } catch (const std::bad_alloc&) {
        throw UnreadableFile("needs too much memory; save it with another program");
    } catch (const std::exception& error) {
        rejectDamaged(error.what());
    }
    parts_->requireAllPages();
}

Document::~Document() = default;

std::size_t Document::pages() const { return parts_->pages.size(); }

Page Document::page(std::size_t number, std::uint64_t max_image_bytes) {
    try {
        const QPDFPageObjectHelper page = parts_->pages.at(number - 1);
        std::string why;
        const PageContent content = contentOf(page);
        why = content.why;
        if (content.image) {
            auto dictionary = QPDFObjectHandle(content.image->image).getDict();
            const auto side = [&](const char* key) {
                auto value = dictionary.getKey(key);
                return value.isInteger() && value.getIntValue() > 0
                           ? static_cast<std::uint64_t>(value.getIntValueAsInt())
                           : 0;
            };
            const std::uint64_t pixels = side("/Width") * side("/Height");
            if (pixels > kMostPixels)
                return {.bytes = "its image has " + std::to_string(pixels / 1'000'000) +
                                 " million pixels; scan it with at most 200 million"};
            PageImage image = imageOf(*content.image, max_image_bytes);
            if (!image.file.empty())
                return {.kind = PageKind::image, .bytes = std::move(image.file)};
            why = std::move(image.why);
        }
        const PageSize size = sizeOf(page);
        constexpr double kScale = kDrawnDpi / kInchInPoints;
        if (size.width * kScale * size.height * kScale > static_cast<double>(kMostPixels))
            return {.bytes = "it is larger than a page; save it in the size of the paper"};
        return {.kind = PageKind::drawn, .bytes = why};
    } catch (const std::bad_alloc&) {
        return {.bytes = "it needs too much memory; scan it again"};
    } catch (const std::exception& error) {
        return {.bytes = "it is damaged (" + shown(error.what()) + "); scan it again"};
    }
}

}  // namespace sheafline::pdf
