package org.alborz.cuda.natives;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A library that was found.
 *
 * @param name what others ask the loader for, such as {@code libcublas.so.12}
 * @param path of its file
 * @param version as far as the name of the file tells, such as 12.6.4.1 or only 12
 */
public record Library(String name, Path path, String version) {
    /** Reads the version off the file that the path's links end at, such as {@code libcublas.so.12.6.4.1}. */
    static Library at(Path path) {
        String name = path.getFileName().toString();
        return new Library(name, path, versionOf(path, name));
    }

    private static String versionOf(Path path, String name) {
        String real = name;
        try {
            real = path.toRealPath().getFileName().toString();
        } catch (IOException e) {
            // the link's own name has to do
        }
        int end = real.indexOf(".so.");
        return Version.in(end < 0 ? name.substring(name.indexOf(".so") + 3) : real.substring(end + 4))
                .text();
    }

    int major() {
        return Version.in(name.substring(name.indexOf(".so") + 3)).major();
    }

    Path folder() {
        return path.getParent();
    }

    @Override
    public String toString() {
        return name + " " + version + " (" + path + ")";
    }
}
