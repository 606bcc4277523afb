// Answers a question sheet of bnparity in C++: g++ -std=c++17 answer.cpp -o answer && ./answer SHEET
// It computes the output and the running statistics of float32 data, and no gradients.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

struct Tensor { std::vector<long> shape; std::vector<float> data; bool there = false; };

static std::vector<long> numbers(const std::string& text, size_t at) {
    std::vector<long> found;
    for (const char* p = &text[at]; *p != ']';) {
        if (*p == ',') ++p;
        char* end;
        found.push_back(std::strtol(p, &end, 10));
        if (end == p) return {};
        p = end;
    }
    return found;
}

static Tensor tensor(const std::string& header, const std::string& body, const std::string& name) {
    Tensor t;
    size_t at = header.find("\"" + name + "\":{");
    if (at == std::string::npos) return t;
    t.shape = numbers(header, header.find("\"shape\":[", at) + 9);
    std::vector<long> offsets = numbers(header, header.find("\"data_offsets\":[", at) + 16);
    const float* first = reinterpret_cast<const float*>(body.data() + offsets[0]);
    t.data.assign(first, first + (offsets[1] - offsets[0]) / sizeof(float));
    t.there = true;
    return t;
}

static std::string setting(const std::string& header, const std::string& name) {
    size_t at = header.find("\"" + name + "\":\"") + name.size() + 4;
    return header.substr(at, header.find('"', at) - at);
}

static void add(std::string& header, std::string& body, const std::string& name, const Tensor& t) {
    std::string shape;
    for (long size : t.shape) shape += (shape.empty() ? "" : ",") + std::to_string(size);
    size_t start = body.size();
    body.append(reinterpret_cast<const char*>(t.data.data()), t.data.size() * sizeof(float));
    header += (header.size() > 1 ? ",\"" : "\"") + name + "\":{\"dtype\":\"F32\",\"shape\":[" + shape +
              "],\"data_offsets\":[" + std::to_string(start) + "," + std::to_string(body.size()) + "]}";
}

int main(int, char** arguments) {
    std::filesystem::path sheet = arguments[1];
    for (const auto& file : std::filesystem::directory_iterator(sheet / "cases")) {
        std::ifstream in(file.path(), std::ios::binary);
        std::string all{std::istreambuf_iterator<char>(in), {}};
        uint64_t length = *reinterpret_cast<const uint64_t*>(all.data());
        std::string header = all.substr(8, length), body = all.substr(8 + length);
        Tensor x = tensor(header, body, "x"), y = x, weight = tensor(header, body, "weight");
        Tensor bias = tensor(header, body, "bias"), mean = tensor(header, body, "running_mean");
        Tensor var = tensor(header, body, "running_var");
        bool training = setting(header, "training") == "true";
        double momentum = std::stod(setting(header, "momentum")), eps = std::stod(setting(header, "eps"));
        long channels = x.shape[1], inner = 1;
        for (size_t axis = 2; axis < x.shape.size(); ++axis) inner *= x.shape[axis];
        double n = double(x.shape[0] * inner);
        for (long c = 0; c < channels; ++c) {
            auto each = [&](auto work) {
                for (long b = 0; b < x.shape[0]; ++b)
                    for (long i = 0; i < inner; ++i) work((b * channels + c) * inner + i);
            };
            double m = 0, v = 0;
            each([&](long i) { m += x.data[i] / n; });
            each([&](long i) { v += (x.data[i] - m) * (x.data[i] - m) / n; });
            double used_mean = training || !mean.there ? m : mean.data[c];
            double used_var = training || !var.there ? v : var.data[c];
            double scale = (weight.there ? weight.data[c] : 1.0) / std::sqrt(used_var + eps);
            double shift = bias.there ? bias.data[c] : 0.0;
            each([&](long i) { y.data[i] = float((x.data[i] - used_mean) * scale + shift); });
            if (training && mean.there) {
                mean.data[c] = float((1 - momentum) * mean.data[c] + momentum * m);
                var.data[c] = float((1 - momentum) * var.data[c] + momentum * v * n / (n - 1));
            }
        }
        std::string told = "{", bytes;
        add(told, bytes, "output", y);
        if (mean.there) add(told, bytes, "running_mean", mean), add(told, bytes, "running_var", var);
        told += "}";
        uint64_t size = told.size();
        std::ofstream out(sheet / "answers" / file.path().filename(), std::ios::binary);
        out.write(reinterpret_cast<const char*>(&size), 8) << told << bytes;
    }
}
