package org.alborz.cpu.vector;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.CRC32;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the outcome of the speed probe between JVMs, so that only the first has to measure. The launcher names the file, and removes it with each
 * build; a JVM without that property measures.
 *
 * <p>An outcome counts for the machine, the JVM and the vectors that it was measured with. A file of others, or one that is not whole, is passed
 * over and written again; where it cannot be written, the next JVM measures too. Neither is worth more than a line in the log at debug level,
 * since nothing is lost but some 0.1 s.
 */
final class SpeedProbeFile {
    /** The system property that names the file. */
    static final String PROPERTY = "alborz.speedprobe";

    private static final Logger log = LoggerFactory.getLogger(SpeedProbeFile.class);
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

    /** A file of more bytes is no outcome. */
    private static final int MOST_BYTES = 4096;

    private final Path file;
    private final String key;

    /** @param key in one line, for what an outcome counts */
    SpeedProbeFile(Path file, String key) {
        this.file = file;
        this.key = key;
    }

    /** Returns the file that the launcher named, or null. */
    static SpeedProbeFile named() {
        String name = System.getProperty(PROPERTY);
        return name == null || name.isEmpty() ? null : new SpeedProbeFile(Path.of(name), key());
    }

    private static String key() {
        // "mixed mode", or "interpreted mode" and the like; whether classes are shared does not matter.
        String mode = System.getProperty("java.vm.info", "").replace(", sharing", "");
        return System.getProperty("java.vm.vendor") + " " + System.getProperty("java.vm.name") + " "
                + System.getProperty("java.vm.version") + ", " + mode + ", " + System.getProperty("os.arch") + ", "
                + processor() + ", " + Lanes.S.vectorShape() + ", " + Lanes.REGISTERS + " registers";
    }

    /** Returns the model of the first processor and a digest of what it can do, or "unknown" where the system does not tell. */
    private static String processor() {
        String model = "unknown";
        try (var lines = Files.newBufferedReader(PROCESSORS, StandardCharsets.ISO_8859_1)) {
            for (String line = lines.readLine(); line != null && !line.isEmpty(); line = lines.readLine()) {
                if (line.startsWith("model name") || line.startsWith("CPU part")) {
                    model = line.substring(line.indexOf(':') + 1).strip();
                } else if (line.startsWith("flags") || line.startsWith("Features")) {
                    return model + " " + checksum(line);
                }
            }
        } catch (IOException e) {
            return "unknown"; // not Linux
        }
        return model;
    }

    private static String checksum(String text) {
        CRC32 sum = new CRC32();
        sum.update(text.getBytes(StandardCharsets.UTF_8));
        return Long.toHexString(sum.getValue());
    }

    /** Returns the outcome that was kept, or null. */
    SpeedProbe read() {
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > MOST_BYTES) {
                return null;
            }
            return parse(Files.readString(file));
        } catch (MalformedInputException | NumberFormatException e) {
            log.debug("{} holds no outcome of a speed probe; measuring again", file);
            return null;
        } catch (IOException e) {
            log.debug("{} cannot be read; measuring again", file, e);
            return null;
        }
    }

    private SpeedProbe parse(String text) {
        String[] lines = text.split("\n", -1);
        if (lines.length != 6 || !lines[0].equals(key) || !lines[4].equals(checksum(body(lines)))) {
            return null;
        }
        SpeedProbe probe = new SpeedProbe(
                Double.parseDouble(lines[1]), Double.parseDouble(lines[2]), Double.parseDouble(lines[3]));
        return probe.isFast() ? probe : null;
    }

    private static String body(String... lines) {
        return lines[0] + "\n" + lines[1] + "\n" + lines[2] + "\n" + lines[3] + "\n";
    }

    /** Keeps a good outcome. A bad one is measured again: it may come from a busy machine. */
    void write(SpeedProbe probe) {
        if (!probe.isFast()) {
            return;
        }
        String body = body(
                key,
                Double.toString(probe.vectorGflops()),
                Double.toString(probe.plainGflops()),
                Double.toString(probe.share()));
        Path whole = file.resolveSibling(
                file.getFileName() + "." + ProcessHandle.current().pid());
        try {
            Files.writeString(whole, body + checksum(body) + "\n");
            Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            log.debug("{} cannot be written; the next start measures again", file, e);
            whole.toFile().delete();
        }
    }
}
