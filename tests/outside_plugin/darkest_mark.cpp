// A second reader of marks, by an outside author: it takes the darkest bubble of each field. It
// shows what the installed sheafline::sheets offers an author: images, templates and the map of a
// page.
#include <algorithm>
#include <cmath>
#include <numeric>

#include <sheafline/plugin.h>
#include <sheafline/sheets/align_sheet.h>
#include <sheafline/sheets/load_template.h>
#include <sheafline/sheets/read_image.h>

namespace sheets = sheafline::sheets;

namespace {

// Mean grey of the middle of a bubble.
double greyOf(const sheets::GreyImage& page, const sheets::Homography& map,
              const sheets::Field& field, const sheets::Bubble& bubble) {
    double sum = 0;
    int points = 0;
    for (double dy = -0.5; dy <= 0.5; dy += 0.125) {
        for (double dx = -0.5; dx <= 0.5; dx += 0.125) {
            const auto at = map({.x = bubble.centre.x + dx * field.half_width,
                                 .y = bubble.centre.y + dy * field.half_height});
            const int x = std::clamp(static_cast<int>(std::lround(at.x)), 0, page.width - 1);
            const int y = std::clamp(static_cast<int>(std::lround(at.y)), 0, page.height - 1);
            sum += page.at(x, y);
            ++points;
        }
    }
    return sum / points;
}

class DarkestMark : public sheafline::Processor {
 public:
    explicit DarkestMark(sheafline::Params& params)
        : file_(params.path("template", {.help = "template of the sheet", .required = true})),
          least_(params.number("least", {.help = "how much darker than the field's mean a mark is",
                                         .default_value = "40"})) {
        if (!file_.empty()) template_ = sheets::loadTemplate(file_);
    }

    std::vector<std::string> columns() const override {
        std::vector<std::string> names;
        for (const auto& column : template_.output) names.push_back(column.name);
        return names;
    }

    sheafline::Reading process(const sheafline::SheetTask& task) override {
        try {
            const auto page = sheets::readImage(sheets::readBytes(task.path), {.page = task.page});
            const auto map = sheets::alignSheet(page, template_).map;
            sheafline::Reading reading{.confidence = 1};
            for (const auto& column : template_.output) {
                std::string value;
                for (const std::size_t field : column.fields)
                    value += valueOf(page, map, template_.fields.at(field));
                reading.values.push_back(value);
            }
            return reading;
        } catch (const sheets::UnreadableImage& error) {
            return {.reason = error.what()};
        } catch (const sheets::UnreadableSheet& error) {
            return {.reason = error.what()};
        }
    }

 private:
    std::string valueOf(const sheets::GreyImage& page, const sheets::Homography& map,
                        const sheets::Field& field) const {
        std::vector<double> greys;
        for (const auto& bubble : field.bubbles) greys.push_back(greyOf(page, map, field, bubble));
        const auto darkest = std::min_element(greys.begin(), greys.end());
        const double mean =
            std::accumulate(greys.begin(), greys.end(), 0.0) / static_cast<double>(greys.size());
        if (darkest == greys.end() || mean - *darkest < least_) return "";
        return field.bubbles[static_cast<std::size_t>(darkest - greys.begin())].value;
    }

    std::filesystem::path file_;
    double least_;
    sheets::Template template_;
};

}  // namespace

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::processor,
    .name = "darkest_mark",
    .version = "1.0.0",
    .summary = "reads the darkest bubble of each field",
    .params = sheafline::paramsOf<DarkestMark>,
    .make_processor = sheafline::makeProcessor<DarkestMark>};
