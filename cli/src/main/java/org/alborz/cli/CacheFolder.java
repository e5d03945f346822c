package org.alborz.cli;

import java.nio.file.Path;
import java.util.Map;

/** Where downloads are kept. */
final class CacheFolder {
    /** The system property that names another folder. */
    static final String PROPERTY = "alborz.cache";

    private CacheFolder() {}

    /** Returns the folder of a name among the downloads. */
    static Path of(String name) {
        return base(System.getenv(), System.getProperty(PROPERTY), System.getProperty("user.home"))
                .resolve(name);
    }

    /** Returns the folder named by the property; else {@code alborz} in the user's folder for caches, as the XDG directories have it. */
    static Path base(Map<String, String> environment, String property, String home) {
        if (property != null) {
            return Path.of(property).toAbsolutePath().normalize();
        }
        String caches = environment.get("XDG_CACHE_HOME");
        boolean given = caches != null && Path.of(caches).isAbsolute();
        return (given ? Path.of(caches) : Path.of(home, ".cache")).resolve("alborz");
    }
}
