package org.alborz.cuda.natives;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The folder that natives are unpacked into.
 *
 * @param executable whether libraries in it may be loaded, which the mount option {@code noexec} forbids
 */
public record TemporaryFolder(Path path, boolean writable, boolean executable) {
    /** Looks at a machine's temporary folder without writing to it. */
    public static TemporaryFolder of(Host host) {
        Path path = host.at(host.temporary()).orElse(host.root());
        return new TemporaryFolder(path, Files.isDirectory(path) && Files.isWritable(path), !isMountedNoexec(host));
    }

    /** The options of the mount that the folder belongs to stand in the line with the longest mount point. */
    private static boolean isMountedNoexec(Host host) {
        try {
            List<String> mounts = Files.readAllLines(host.root().resolve("proc/mounts"));
            Path folder = Path.of(host.temporary()).toAbsolutePath().normalize();
            return mounts.stream()
                    .map(line -> line.split(" "))
                    .filter(fields -> fields.length > 3 && folder.startsWith(unescaped(fields[1])))
                    .reduce((a, b) ->
                            unescaped(b[1]).length() >= unescaped(a[1]).length() ? b : a)
                    .filter(fields -> Arrays.asList(fields[3].split(",")).contains("noexec"))
                    .isPresent();
        } catch (IOException | RuntimeException e) {
            return false; // no such list; loading will tell
        }
    }

    /** The list writes blanks as octal numbers. */
    private static String unescaped(String mountPoint) {
        return mountPoint.replace("\\040", " ");
    }
}
