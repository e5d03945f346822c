package org.alborz.cuda.natives;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder below the temporary one that only this user can enter, so that nobody puts another library into it before we load ours.
 * It is deleted when closed: Linux keeps what is loaded.
 */
final class PrivateFolder implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PrivateFolder.class);

    private final Path path;

    /** Makes the folder; its name tells the process. */
    PrivateFolder(Path temporary) throws IOException {
        path = make(temporary);
    }

    /** Makes such a folder that stays. */
    static Path make(Path temporary) throws IOException {
        FileAttribute<?>[] mine =
                FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                        ? new FileAttribute<?>[] {
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                        }
                        : new FileAttribute<?>[0];
        return Files.createTempDirectory(
                temporary, "alborz-" + ProcessHandle.current().pid() + "-", mine);
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.list(path)) {
            List<Path> all = files.toList();
            for (Path file : all) {
                Files.delete(file);
            }
            Files.delete(path);
        } catch (IOException e) {
            log.warn("The folder {} is not needed any more and could not be deleted: {}", path, e.toString());
        }
    }
}
