// A PDF, page by page. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

class QPDF;

namespace sheafline::pdf {

// Why nobody can read the file; completes "exam.pdf …": "is encrypted; save it without a password".
class UnreadableFile : public std::runtime_error {
 public:
    using std::runtime_error::runtime_error;
};

enum class PageKind { image, drawn, unreadable };

struct Page {
    PageKind kind = PageKind::unreadable;
    std::string bytes{};  // the image, or the reason
};

class Document {
 public:
    // Takes the descriptor over. Throws UnreadableFile.
    explicit Document(int descriptor);
    ~Document();
    Document(const Document&) = delete;
    Document& operator=(const Document&) = delete;

    std::size_t pages() const;
    Page page(std::size_t number, std::uint64_t max_image_bytes);  // 1-based

 private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace sheafline::pdf
