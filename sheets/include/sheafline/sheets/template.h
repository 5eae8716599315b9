// A resolved template: every field with the center of every bubble. Plain values, made by
// loadTemplate(). Lengths are millimetres from the page's top left corner. A template of OMRChecker
// keeps its unit, the pixels of its page.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sheafline/sheets/code_format.h>
#include <sheafline/sheets/geometry.h>
#include <sheafline/sheets/grey_image.h>
#include <sheafline/sheets/scoring_key.h>

namespace sheafline::sheets {

// How many marks a field may have without a flag.
enum class MarkRule { exactly_one, at_most_one, any };

struct Bubble {
    Point centre{};
    std::string value{};
};

// The printed shape around the place for a mark.
enum class BubbleShape { circle, oval, square, bracket };

// A question, or one digit of a number.
struct Field {
    std::string name{};
    MarkRule rule = MarkRule::at_most_one;
    double half_width = 0;  // of a bubble; the radius of a round one
    double half_height = 0;
    BubbleShape shape = BubbleShape::circle;
    std::vector<Bubble> bubbles{};
};

// A part of the page that stays a picture: a name, a signature, an open answer.
struct ImageArea {
    std::string name{};
    double x = 0;
    double y = 0;
    double width = 0;
    double height = 0;
};

// A column of the result: the values of some fields, one after the other.
struct OutputColumn {
    std::string name{};
    std::vector<std::size_t> fields{};  // into Template::fields; none: a computed one
};

enum class AlignBy {
    fiducials,  // marks of a known shape at known places
    page,       // the outline of the paper on a darker ground
    image,      // copies of a picture at known places
    whole,      // the image is the page
};

enum class FiducialShape { square, circle, corner };

struct SquareMark {
    Point centre{};
    double side = 0;
};

struct PageAlignment {
    AlignBy by = AlignBy::whole;
    FiducialShape shape = FiducialShape::square;
    double side = 0;  // of a square; a circle's diameter; an arm of a corner; a picture's width
    double line = 0;  // width of the lines of a corner
    // Four, clockwise from the top left: of fiducials and pictures the middles, of a corner where
    // its lines meet. Of the page and the whole image: its corners.
    std::vector<Point> centres{};
    GreyImage picture{};
    double least_width = 0;  // of the picture, as a share of the page's
    double most_width = 0;
    bool crop_page = false;  // pictures are looked for within the outline of the paper
    std::optional<SquareMark> orientation{};  // tells the top left corner
    bool outlined = true;  // bubbles have a printed outline, by which a map can be proved
};

// A filter for the image before it is read.
struct ImageFilter {
    enum class Kind { gaussian_blur, median_blur, levels };

    Kind kind = Kind::levels;
    int width = 1;  // of a blur, pixels
    int height = 1;
    double low = 0;  // of levels, shares of white
    double high = 1;
    double gamma = 1;
};

struct QrBox {
    double x = 0;
    double y = 0;
    double side = 0;
};

// Darkness from 0 to 1; empty if thresholds adapt to the page.
struct MarkThresholds {
    std::optional<double> full{};
    std::optional<double> faint{};
};

// Computed columns: they have no fields.
inline constexpr const char* kScore = "score";
inline constexpr const char* kGrade = "grade";
inline constexpr const char* kReviewedBy = "reviewed_by";
inline constexpr const char* kReviewedAt = "reviewed_at";

inline constexpr const char* kPageGroup = "page";  // of a page_code

struct Template {
    std::string name{};
    double width = 0;
    double height = 0;
    std::vector<ImageFilter> filters{};
    PageAlignment align{};
    std::optional<QrBox> qr{};
    std::vector<CodeFormat> codes{};  // the kinds of codes to look for; empty: QR codes
    MarkThresholds thresholds{};
    bool filled_cancels = false;  // a cross is a mark, and a bubble that is filled takes it back
    std::vector<Field> fields{};
    std::vector<ImageArea> images{};
    std::vector<OutputColumn> output{};
    ScoringKey key{};
    std::string qr_check{};  // a pattern for the QR code's text, with {column} for what was read
    bool differing_is_flagged = false;  // where it does not match; else the sheet is quarantined
    std::string empty_value{};          // the text for a column without an answer
    // The files that it was read from. The key file of OMRChecker is listed even before it exists.
    std::vector<std::filesystem::path> files{};      // all but those of the key
    std::vector<std::filesystem::path> key_files{};  // only scores depend on these
    // In a column of several fields, replaces a field that is empty or has several marks, so that
    // the others keep their positions.
    std::string placeholder = "_";
    // Columns that tell whose sheet it is: sheets that agree in them are scans of the same page.
    std::vector<std::size_t> identity{};  // into `output`
    // Further columns after `output`: who decided about the sheet last, and when.
    std::vector<std::string> review_columns{};
    // Of a form of several pages, a template for each page, which has its part of the output and of
    // the key. `fields`, `images` and `output` of the form are those of all pages.
    std::vector<Template> pages{};
    int page = 0;                // of a page: its number, from 1
    std::string page_code{};     // a pattern for the code's text, whose group `page` is the number
    std::string page_field{};    // instead: the column whose value is the number
    bool short_numbers = false;  // numbers of up to three digits may be shorter than their columns
};

}  // namespace sheafline::sheets
