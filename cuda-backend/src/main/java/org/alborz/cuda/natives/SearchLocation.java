package org.alborz.cuda.natives;

import java.nio.file.Path;
import java.util.List;

/**
 * Folders that belong to one installation, such as those of one Python.
 *
 * @param origin where it is known from, such as {@code LD_LIBRARY_PATH}
 * @param named whether the user asked for this very location
 */
public record SearchLocation(String origin, boolean named, List<Path> folders) {}
