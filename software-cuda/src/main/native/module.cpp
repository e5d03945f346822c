#include "module.h"
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>

namespace soft {
namespace {

constexpr int PTX_MAJOR = 8, PTX_MINOR = 5;  // the newest that the driver 12.6 reads
constexpr int COMPUTE_CAPABILITY = 90;

// Reads words, numbers and signs of a PTX text, comments left out.
class Reader {
public:
    explicit Reader(const char* text) : p(text) {}

    // The next word (letters, digits, and any of . _ $ %), or one sign; empty at the end.
    std::string next() {
        skip();
        if (!*p) return "";
        const char* from = p;
        if (!wordly(*p)) return std::string(1, *p++);
        while (wordly(*p)) p++;
        return std::string(from, p);
    }
    std::string peek() {
        const char* at = p;
        std::string word = next();
        p = at;
        return word;
    }

private:
    static bool wordly(char c) { return isalnum(static_cast<unsigned char>(c)) || strchr("._$%", c); }
    void skip() {
        for (;;) {
            while (isspace(static_cast<unsigned char>(*p))) p++;
            if (p[0] == '/' && p[1] == '/') {
                while (*p && *p != '\n') p++;
            } else if (p[0] == '/' && p[1] == '*') {
                const char* end = strstr(p + 2, "*/");
                p = end ? end + 2 : p + strlen(p);
            } else {
                return;
            }
        }
    }
    const char* p;
};

unsigned bytesOf(const std::string& type) {
    const char* digits = type.c_str() + type.find_first_of("0123456789");
    return type.size() > 2 && type[0] == '.' && strchr("bsuf", type[1]) ? atoi(digits) / 8 : 0;
}

// After .param or .shared: alignment, type, name, and the length of an array. 0 if it cannot be read.
unsigned readVariable(Reader& r) {
    unsigned bytes = 0;
    for (;;) {
        std::string word = r.next();
        if (word == ".align") r.next();
        else if (word == ".ptr" || word == ".global" || word == ".const" || word == ".local") continue;
        else if ((bytes = bytesOf(word)) > 0) break;
        else return 0;
    }
    while (r.peek()[0] == '.') {  // attributes of a pointer may follow its type
        if (r.next() == ".align") r.next();
    }
    r.next();  // its name
    if (r.peek() == "[") {
        r.next();
        bytes *= atoi(r.next().c_str());
        r.next();
    }
    return bytes;
}

Result readEntry(Reader& r, std::map<std::string, Entry>& entries, std::string& problem) {
    std::string name = r.next();
    Entry& e = entries[name];
    for (std::string word = r.next(); word != "{"; word = r.next()) {
        if (word.empty() || word == ";") {
            problem = "the PTX entry " + name + " has no body";
            return INVALID_PTX;
        }
        if (word == ".maxntid" || word == ".reqntid") {
            e.maxThreads = atoi(r.next().c_str());
            while (r.peek() == ",") r.next(), e.maxThreads *= atoi(r.next().c_str());
        }
        if (word != ".param") continue;
        unsigned bytes = readVariable(r);
        if (!bytes) {
            problem = "a parameter of the PTX entry " + name + " cannot be read";
            return INVALID_PTX;
        }
        e.parameters.push_back(bytes);
    }
    for (int depth = 1; depth > 0;) {
        std::string word = r.next();
        if (word.empty()) {
            problem = "the PTX entry " + name + " has no end";
            return INVALID_PTX;
        }
        if (word == "{") depth++;
        if (word == "}") depth--;
        if (word == ".shared" ) e.sharedBytes += readVariable(r);
    }
    return SUCCESS;
}

std::map<std::string, const soft_kernel*>& registered() {
    static auto* kernels = new std::map<std::string, const soft_kernel*>();
    return *kernels;
}

std::string loadKernels() {
    Dl_info self;
    dladdr(reinterpret_cast<void*>(&hostKernel), &self);
    std::string file = self.dli_fname;
    file = file.substr(0, file.rfind('/') + 1) + "libsoftkernels.so";
    return dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL) ? "" : dlerror();
}

}

Result readPtx(const char* text, std::map<std::string, Entry>& entries, std::string& problem) {
    if (!memcmp(text, "\x7f" "ELF", 4)) {
        problem = "the image is a cubin, and this device runs PTX only";
        return NO_BINARY_FOR_GPU;
    }
    Reader r(text);
    bool version = false, target = false;
    for (std::string word = r.next(); !word.empty(); word = r.next()) {
        if (word == ".version") {
            std::string number = r.next();
            int major = atoi(number.c_str()), minor = atoi(number.c_str() + number.find('.') + 1);
            if (major > PTX_MAJOR || (major == PTX_MAJOR && minor > PTX_MINOR)) {
                problem = "PTX version " + number + " is newer than 8.5, the newest a driver for CUDA 12.6 reads";
                return UNSUPPORTED_PTX_VERSION;
            }
            version = true;
        } else if (word == ".target") {
            std::string name = r.next();
            if (atoi(name.c_str() + name.find('_') + 1) > COMPUTE_CAPABILITY) {
                problem = "the PTX needs " + name + ", and the device has compute capability 9.0";
                return NO_BINARY_FOR_GPU;
            }
            target = true;
        } else if (word == ".entry") {
            if (Result result = readEntry(r, entries, problem)) return result;
        }
    }
    if (version && target) return SUCCESS;
    problem = "the image is no PTX: it lacks .version or .target";
    return text[0] == '\0' || !version ? INVALID_IMAGE : INVALID_PTX;
}

const soft_kernel* hostKernel(const std::string& name, std::string& problem) {
    static const std::string loading = loadKernels();
    auto i = registered().find(name);
    if (i != registered().end()) return i->second;
    problem = loading.empty() ? "no kernel " + name + " was compiled for the host" : loading;
    return nullptr;
}

}

extern "C" __attribute__((visibility("default"))) void soft_register(const soft_kernel* kernel) {
    soft::registered()[kernel->name] = kernel;
}
