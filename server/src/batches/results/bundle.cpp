#include "batches/results/bundle.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <ostream>
#include <set>
#include <sstream>

#include <Poco/DateTime.h>
#include <Poco/Path.h>
#include <Poco/Zip/Compress.h>

#include <sheafline/error.h>
#include <sheafline/sheets/load_template.h>

#include "history/reading/artifact_file.h"
#include "history/review/flag_list.h"

namespace sheafline {

namespace {

// Larger archives and entries need 64-bit fields.
constexpr std::uint64_t kMostBytesOf32Bits = 3'500'000'000;
constexpr std::uint64_t kMostBytesOfPicture = 200'000;  // for the estimate

std::string pictureName(int sheet, const std::string& field) {
    std::string digits = std::to_string(sheet);
    digits.insert(0, digits.size() < 6 ? 6 - digits.size() : 0, '0');
    std::string name = digits + "-" + field;
    std::ranges::replace_if(
        name,
        [](char c) {
            return std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '_';
        },
        '_');
    return "pictures/" + name + ".png";
}

class Bundle {
 public:
    Bundle(std::ostream& out, const BatchRow& batch, const BundleParts& parts)
        : batch_(batch),
          parts_(parts),
          artifacts_(parts.history.artifacts(batch.batch_id)),
          zip_(out, false, bytes() > kMostBytesOf32Bits) {}

    BundleCounts write() {
        for (const ArtifactRow& artifact : artifacts_) addArtifact(artifact);
        if (parts_.draw) addPictures();
        addText("bundle.txt", summary());
        zip_.close();
        return counts_;
    }

 private:
    std::uint64_t bytes() const {
        std::uint64_t sum = 0;
        for (const ArtifactRow& artifact : artifacts_) sum += artifact.size_bytes;
        return sum + (parts_.draw ? batch_.sheets_total * kMostBytesOfPicture : 0);
    }

    void requireWanted() const {
        if (!parts_.wanted || parts_.wanted()) return;
        throw Error(ErrorClass::cancelled, "CLIENT_GONE", "nobody waits for the bundle any more");
    }

    void addArtifact(const ArtifactRow& artifact) {
        requireWanted();
        std::ifstream file(artifactFile(parts_.folder, batch_.batch_id, artifact),
                           std::ios::binary);
        if (!file) return missing(artifact.name + " is no longer on the disk");
        const bool packed = artifact.name.ends_with(".xlsx") || artifact.name.ends_with(".png");
        zip_.addFile(file, now_, Poco::Path("results/" + artifact.name, Poco::Path::PATH_UNIX),
                     packed ? Poco::Zip::ZipCommon::CM_STORE : Poco::Zip::ZipCommon::CM_DEFLATE);
        ++counts_.artifacts;
    }

    void addText(const std::string& name, const std::string& text) {
        std::istringstream bytes(text);
        zip_.addFile(bytes, now_, Poco::Path(name, Poco::Path::PATH_UNIX),
                     Poco::Zip::ZipCommon::CM_DEFLATE);
    }

    // Columns of answers, and the images of the template.
    void addPictures() {
        std::vector<std::string> images;
        try {
            const auto order = overlayOrder(parts_.folder, parts_.plugins, batch_, Sheet{});
            for (const auto& image : sheets::loadTemplate(order.template_file).images)
                images.push_back(image.name);
        } catch (const Error&) {
            return missing("pictures: the batch has no template");
        } catch (const ConfigError&) {
            return missing("pictures: the template of the batch can no longer be read");
        }
        const std::set<std::string> columns(batch_.columns.begin(), batch_.columns.end());
        for (const Sheet& sheet : parts_.history.sheets(batch_.batch_id))
            addPictures(sheet, images, columns);
    }

    void addPictures(const Sheet& sheet, const std::vector<std::string>& images,
                     const std::set<std::string>& columns) {
        if (sheet.state != SheetState::read) return;
        std::set<std::string> fields(images.begin(), images.end());
        if (const auto reading = parts_.history.reading(batch_.batch_id, sheet.number)) {
            for (const Flag& flag : flagsIn(reading->flags))
                if (columns.contains(flag.field) && flag.field != "score")
                    fields.insert(flag.field);
        }
        if (fields.empty()) return;
        PictureOrder order = overlayOrder(parts_.folder, parts_.plugins, batch_, sheet);
        order.kind = PictureKind::field;
        for (const std::string& field : fields) {
            requireWanted();
            order.field = field;
            addPicture(order, sheet.number);
        }
    }

    void addPicture(const PictureOrder& order, int sheet) {
        try {
            const SheetPicture picture = parts_.draw(order);
            std::istringstream bytes(picture.bytes);
            zip_.addFile(bytes, now_,
                         Poco::Path(pictureName(sheet, order.field), Poco::Path::PATH_UNIX),
                         Poco::Zip::ZipCommon::CM_STORE);
            ++counts_.pictures;
        } catch (const Error& error) {
            if (error.errorClass() == ErrorClass::cancelled) throw;
            // An image of another page is not on this sheet.
            if (error.code() != "NO_SUCH_FIELD")
                missing("sheet " + std::to_string(sheet) + ", " + order.field + ": " +
                        error.what());
        }
    }

    void missing(const std::string& what) {
        constexpr std::size_t kMostNotes = 10'000;
        if (++counts_.missing <= kMostNotes) notes_ += "missing: " + what + "\n";
    }

    std::string summary() const {
        return "batch: " + batch_.batch_id + "\nname: " + batch_.name +
               "\nexecution: " + std::to_string(batch_.execution) +
               "\nartifacts: " + std::to_string(counts_.artifacts) +
               "\npictures: " + std::to_string(counts_.pictures) +
               "\nmissing: " + std::to_string(counts_.missing) + "\n" + notes_;
    }

    const BatchRow& batch_;
    const BundleParts& parts_;
    const std::vector<ArtifactRow> artifacts_;
    const Poco::DateTime now_{};
    Poco::Zip::Compress zip_;
    BundleCounts counts_{};
    std::string notes_{};
};

}  // namespace

BundleCounts writeBundle(std::ostream& out, const BatchRow& batch, const BundleParts& parts) {
    return Bundle(out, batch, parts).write();
}

}  // namespace sheafline
