package org.alborz.cuda.natives;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** Says what the words of the system's loader mean, and what helps. */
final class LoadFailures {
    /** Both the JVM and the loader put the path before what they say. */
    private static final Pattern REPEATED_PATH = Pattern.compile("^(/.*: )\\1");

    private LoadFailures() {}

    /** Explains why a library could not be loaded. */
    static NativeLoadException explain(String library, Path path, Throwable error) {
        String said = rootMessage(error);
        return new NativeLoadException(
                library + " (" + path + ") could not be loaded: " + said + (said.endsWith(".") ? "" : "."),
                remedy(said, path),
                error);
    }

    /** Explains that the JVM was told to refuse native libraries. */
    static NativeLoadException denied(String library, IllegalCallerException error) {
        return new NativeLoadException(
                library + " could not be loaded: this JVM denies native access (" + error.getMessage() + ").",
                "Start Java with --enable-native-access=ALL-UNNAMED, as ./alborz does.",
                error);
    }

    /** Explains that a library is not what its name says. */
    static NativeLoadException foreign(Library library, List<String> versions) {
        return new NativeLoadException(
                library.path() + " is not NVIDIA's " + library.name() + ": it has symbols of the versions " + versions
                        + ", and not of " + library.name() + ".",
                "Take NVIDIA's libraries, such as by pip install nvidia-cublas-cu12 nvidia-cudnn-cu12.",
                null);
    }

    /** Explains that a native of JCuda's is not on the class path. */
    static NativeLoadException absent(String file) {
        return new NativeLoadException(
                file + " is not on the class path.",
                "Add org.jcuda's jcuda-natives, jcublas-natives and jcudnn-natives with the classifier linux-x86_64,"
                        + " which alborz-cuda-backend brings unless they are excluded.",
                null);
    }

    private static String remedy(String said, Path path) {
        if (said.contains("failed to map segment") || said.contains("Operation not permitted")) {
            return "The folder's file system forbids executing (mount option noexec). Use another folder, for JCuda by"
                    + " -Djava.io.tmpdir=DIR.";
        }
        if (said.contains("GLIBC_") || said.contains("GLIBCXX_") || said.contains("CXXABI_")) {
            return "The system's C or C++ library is older than the library needs: use a newer Linux or an older CUDA.";
        }
        if (said.contains("ld-linux") || said.contains("musl") || said.contains("Error relocating")) {
            return "NVIDIA's libraries need glibc, which Alpine and other musl systems lack: use a Debian, Ubuntu or"
                    + " Red Hat image.";
        }
        if (said.contains("ELF") || said.contains("file too short")) {
            return "The file is damaged or for another processor: install it again.";
        }
        if (said.contains("ermission denied")) {
            return "Make it readable: chmod a+rx " + path + ".";
        }
        if (said.contains("version `")) {
            return "The library has another version than its name says; take it from one installation, such as"
                    + " pip install nvidia-cublas-cu12 nvidia-cudnn-cu12.";
        }
        if (said.contains("cannot open shared object file")) {
            return "Install the library that is named there, or add its folder to -D" + Host.LIBRARIES_PROPERTY + ".";
        }
        return "Run ./alborz doctor, which shows every library that was found.";
    }

    /** JCuda reports two stack traces as one message; the loader's own words are in the last cause that it names. */
    private static String rootMessage(Throwable error) {
        Throwable root = error;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = String.valueOf(root.getMessage());
        String mark = "UnsatisfiedLinkError: ";
        int last = message.lastIndexOf(mark);
        String line = (last < 0 ? message : message.substring(last + mark.length()))
                .lines()
                .findFirst()
                .orElse(message);
        return REPEATED_PATH.matcher(line).replaceFirst("$1");
    }
}
