package org.alborz.checkpoint;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The SHA-256 of all that a file says, kept in its metadata: the other metadata and each tensor's name, type, shape and content, whatever
 * their order in the file. So a program that writes the same again need not know of it.
 */
final class ContentDigest {
    /** The key in the metadata that the digest stands under. */
    static final String KEY = "alborz.digest";

    /** As long as any digest. */
    static final String PLACEHOLDER = "0".repeat(64);

    private static final String VERSION = "alborz digest 1";

    private final MessageDigest sha = sha256();

    private ContentDigest() {}

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    /**
     * Returns the digest in hexadecimal.
     *
     * @param metadata with or without the digest itself, which does not count
     * @param contents by name, the SHA-256 of each tensor's bytes
     */
    static String of(Map<String, String> metadata, Collection<SafetensorsEntry> tensors, Map<String, byte[]> contents) {
        ContentDigest digest = new ContentDigest();
        digest.add(VERSION);
        Map<String, String> sorted = new TreeMap<>(metadata);
        sorted.remove(KEY);
        digest.add(sorted.size());
        sorted.forEach((key, value) -> {
            digest.add(key);
            digest.add(value);
        });
        List<SafetensorsEntry> ordered = tensors.stream()
                .sorted(Comparator.comparing(SafetensorsEntry::name))
                .toList();
        for (SafetensorsEntry tensor : ordered) {
            digest.add(tensor.name());
            digest.add(tensor.type().name());
            digest.add(tensor.shape().rank());
            for (int size : tensor.shape().toArray()) {
                digest.add(size);
            }
            digest.sha.update(contents.get(tensor.name()));
        }
        return hexadecimal(digest.sha.digest());
    }

    private void add(int number) {
        sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, number));
    }

    /** Takes UTF-16, which tells all strings apart. */
    private void add(String text) {
        add(text.length());
        ByteBuffer bytes = ByteBuffer.allocate(text.length() * Character.BYTES);
        bytes.asCharBuffer().put(text);
        sha.update(bytes);
    }

    private static String hexadecimal(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) {
            text.append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
        }
        return text.toString();
    }
}
