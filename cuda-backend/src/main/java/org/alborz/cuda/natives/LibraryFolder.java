package org.alborz.cuda.natives;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where fetched libraries are put.
 *
 * @param path a folder that can be written
 * @param remedy what to do so that the libraries are found there, in place of nothing for the cache, which is searched anyway
 */
public record LibraryFolder(Path path, Optional<String> remedy) {
    /**
     * Makes the cache, or, where there is none that this user can write, a new temporary folder that only this user can enter; never one
     * below the working directory.
     *
     * @throws IOException when neither can be made
     */
    public static LibraryFolder make(Host host) throws IOException {
        String why = "neither XDG_CACHE_HOME nor the system property user.home is an absolute path";
        Optional<Path> cache = host.cache();
        if (cache.isPresent()) {
            try {
                Files.createDirectories(cache.get());
                if (Files.isWritable(cache.get())) {
                    return new LibraryFolder(cache.get(), Optional.empty());
                }
                why = cache.get() + " cannot be written";
            } catch (IOException e) {
                why = cache.get() + " cannot be made: " + e;
            }
        }
        Path folder = PrivateFolder.make(TemporaryFolder.of(host).path());
        return new LibraryFolder(
                folder,
                Optional.of("There is no cache for the libraries (" + why + "). They go to " + folder + "; let "
                        + Host.LIBRARIES_VARIABLE + " name it, or set XDG_CACHE_HOME and install them again."));
    }
}
