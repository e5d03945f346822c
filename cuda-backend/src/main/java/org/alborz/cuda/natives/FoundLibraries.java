package org.alborz.cuda.natives;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a search found, by files alone.
 *
 * @param driver {@code libcuda.so.1}
 * @param driverNamed whether the driver is in a folder that the user named
 * @param kernelModule the version of the loaded kernel module
 * @param kernelDevice whether there is a device file through which a driver can be reached
 * @param cublas cuBLAS, of which two libraries belong together
 * @param cudnn cuDNN 9
 * @param nvrtc the compiler that parts of cuDNN need; not all do
 * @param passedOver files that looked right and are not, each with the reason
 * @param driverLocations where the driver was looked for
 * @param libraryLocations where cuBLAS and cuDNN were looked for
 */
public record FoundLibraries(
        Optional<Library> driver,
        boolean driverNamed,
        Optional<String> kernelModule,
        boolean kernelDevice,
        Optional<Cublas> cublas,
        Optional<Cudnn> cudnn,
        Optional<Library> nvrtc,
        List<String> passedOver,
        List<SearchLocation> driverLocations,
        List<SearchLocation> libraryLocations) {
    /** cuBLAS 12 or 13. */
    public record Cublas(Library light, Library main) {}

    /**
     * cuDNN 9.
     *
     * @param main a thin library that loads the parts by name
     * @param parts all that are in the same folder
     * @param missing names of parts that convolutions need and that are missing there
     */
    public record Cudnn(Library main, List<Library> parts, List<String> missing) {}

    /** Returns whether everything is there that has to be loaded. */
    public boolean complete() {
        return driver.isPresent()
                && cublas.isPresent()
                && cudnn.filter(c -> c.missing().isEmpty()).isPresent();
    }

    /** Returns the folders of several locations, each once. */
    static List<Path> folders(List<SearchLocation> locations) {
        return locations.stream().flatMap(p -> p.folders().stream()).distinct().toList();
    }

    /** Returns every library found. */
    public Stream<Library> all() {
        return Stream.of(
                        driver.stream(),
                        cublas.stream().flatMap(c -> Stream.of(c.light(), c.main())),
                        nvrtc.stream(),
                        cudnn.stream().flatMap(c -> Stream.concat(Stream.of(c.main()), c.parts().stream())))
                .flatMap(s -> s);
    }
}
