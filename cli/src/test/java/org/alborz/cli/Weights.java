package org.alborz.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.alborz.checkpoint.SafetensorsEntry;
import org.alborz.checkpoint.SafetensorsFile;

/** What two runs are compared by. */
final class Weights {
    private Weights() {}

    /** Returns the bytes of every tensor in a checkpoint, of the weights and of the optimizer, by name. */
    static Map<String, ByteBuffer> of(Path checkpoint) {
        Map<String, ByteBuffer> tensors = new TreeMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(checkpoint)) {
            for (SafetensorsEntry entry : file.entries()) {
                ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(entry.bytes()));
                file.read(entry.name(), bytes);
                tensors.put(entry.name(), bytes.rewind());
            }
        }
        return tensors;
    }

    /** Returns the lines of a history without its header and without the two columns that tell times. */
    static List<String> figures(Path history) throws IOException {
        return Files.readAllLines(history).stream()
                .skip(1)
                .map(line -> line.substring(0, line.lastIndexOf(',', line.lastIndexOf(',') - 1)))
                .toList();
    }
}
