package org.alborz.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.alborz.data.DataException;
import org.alborz.data.Dataset;

/** What the doctor looks at beside backends. */
final class Findings {
    private Findings() {}

    /**
     * The Vector API.
     *
     * @param floatBits of the preferred vector of floats, or 0 where the API is not there
     */
    record Vectors(int floatBits, String text) {
        private static final String MODULE = "jdk.incubator.vector";

        static Vectors ofThisJvm() {
            if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
                return new Vectors(
                        0,
                        MODULE + " is not there. Remedy: start Java with --add-modules " + MODULE
                                + ", as ./alborz does");
            }
            try {
                // By reflection, since the module is an incubator that the compiler warns of.
                Class<?> vector = Class.forName("jdk.incubator.vector.FloatVector");
                Object species = vector.getField("SPECIES_PREFERRED").get(null);
                Class<?> type = Class.forName("jdk.incubator.vector.VectorSpecies");
                int bits = (int) type.getMethod("vectorBitSize").invoke(species);
                return new Vectors(bits, MODULE + " is there: vectors of " + bits + " bits, " + bits / 32 + " floats");
            } catch (ReflectiveOperationException e) {
                return new Vectors(0, MODULE + " is there, but does not tell its vectors (" + e + ")");
            }
        }
    }

    /** The folder for temporary files, where native libraries are unpacked. */
    record Folder(String path, boolean writable, long freeBytes, String text) {
        static Folder temporary() {
            Path path = Path.of(System.getProperty("java.io.tmpdir"));
            try {
                Files.delete(Files.createTempFile(path, "alborz", ".tmp"));
                long free = Files.getFileStore(path).getUsableSpace();
                return new Folder(
                        path.toString(),
                        true,
                        free,
                        String.format(Locale.ROOT, "%s is writable, %,d MiB are free", path, free >> 20));
            } catch (IOException e) {
                return new Folder(
                        path.toString(),
                        false,
                        0,
                        path + " cannot be written (" + e + "). Remedy: ALBORZ_JAVA_OPTS=-Djava.io.tmpdir=DIR");
            }
        }
    }

    /** The real data. */
    record Cifar(String directory, boolean found, String text) {
        private static final String USUAL = "data";

        /** Looks into a directory, or for null into the usual one, which may well be missing. */
        static Cifar in(String asked) {
            String directory = asked == null ? USUAL : asked;
            if (asked == null && !Files.isDirectory(Path.of(USUAL))) {
                return new Cifar(
                        directory,
                        false,
                        "not looked for, since there is no folder ./" + USUAL
                                + "; --data DIR looks elsewhere. Training works without it, on generated images");
            }
            try {
                ImageSource source = new ImageSource(directory, 0);
                Dataset training = source.training();
                Dataset test = source.test();
                return new Cifar(
                        directory,
                        true,
                        String.format(
                                Locale.ROOT,
                                "%sfound in %s: %,d training and %,d test images",
                                source.isFolders() ? "image folders instead " : "",
                                directory,
                                training.size(),
                                test.size()));
            } catch (DataException e) {
                return new Cifar(directory, false, e.getMessage());
            }
        }
    }
}
