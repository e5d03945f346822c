package org.alborz.benchmarks.peers.torch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The file format of TorchScript modules: a zip archive with the module's class as source, and its object as a pickle.
 *
 * <p>The pickle is the least that the loader takes: an object of class {@code Net} whose attributes are empty lists of tensors.
 */
final class TorchScriptFile {
    private static final String FOLDER = "net/";
    private static final byte[] PROTOCOL = {(byte) 0x80, 2};
    private static final int STOP = '.';

    private TorchScriptFile() {}

    /** Returns the bytes of a module of the class {@code Net}, whose attributes are all of type {@code List[Tensor]}. */
    static byte[] of(String source, List<String> attributes) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            store(zip, "data.pkl", object(attributes));
            store(zip, "code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
            store(zip, "constants.pkl", emptyTuple());
            store(zip, "version", "3\n".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException("An archive in memory could not be written", e);
        }
        return bytes.toByteArray();
    }

    private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 checksum = new CRC32();
        checksum.update(content);
        ZipEntry entry = new ZipEntry(FOLDER + name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(checksum.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    private static byte[] object(List<String> attributes) throws IOException {
        ByteArrayOutputStream pickle = new ByteArrayOutputStream();
        pickle.write(PROTOCOL);
        global(pickle, "__torch__", "Net");
        pickle.write(')'); // no arguments
        pickle.write(0x81); // new object
        pickle.write('}'); // its attributes: an empty dictionary
        pickle.write('('); // and what goes into it
        text(pickle, "training");
        pickle.write(0x89); // false
        for (String attribute : attributes) {
            text(pickle, attribute);
            global(pickle, "torch.jit._pickle", "build_tensorlist");
            pickle.write('(');
            pickle.write(']'); // an empty list
            pickle.write('t'); // as the only argument
            pickle.write('R'); // of the call
        }
        pickle.write('u'); // set the items
        pickle.write('b'); // as the object's state
        pickle.write(STOP);
        return pickle.toByteArray();
    }

    private static byte[] emptyTuple() throws IOException {
        ByteArrayOutputStream pickle = new ByteArrayOutputStream();
        pickle.write(PROTOCOL);
        pickle.write(')');
        pickle.write(STOP);
        return pickle.toByteArray();
    }

    private static void global(ByteArrayOutputStream pickle, String module, String name) throws IOException {
        pickle.write(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    private static void text(ByteArrayOutputStream pickle, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        pickle.write(new byte[] {'X', (byte) bytes.length, 0, 0, 0}); // the length, little-endian
        pickle.write(bytes);
    }
}
