package org.alborz.monitor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** Reads event files by the published field numbers, without what wrote them. */
final class Records {
    /** The length of a record and its checksum. */
    private static final int HEAD = Long.BYTES + Integer.BYTES;

    private Records() {}

    /** A field of a message: a long, a double, a float, or bytes. */
    record Field(int number, Object value) {
        long integer() {
            return (long) value;
        }

        byte[] bytes() {
            return (byte[]) value;
        }

        String text() {
            return new String(bytes(), StandardCharsets.UTF_8);
        }

        Message message() {
            return Message.of(bytes());
        }
    }

    record Message(List<Field> fields) {
        static Message of(byte[] bytes) {
            ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            List<Field> fields = new ArrayList<>();
            while (in.hasRemaining()) {
                long key = varint(in);
                Object value = switch ((int) (key & 7)) {
                    case 0 -> varint(in);
                    case 1 -> in.getDouble();
                    case 2 -> {
                        byte[] content = new byte[(int) varint(in)];
                        in.get(content);
                        yield content;
                    }
                    case 5 -> in.getFloat();
                    default -> throw new AssertionError("wire type of key " + key);
                };
                fields.add(new Field((int) (key >> 3), value));
            }
            return new Message(fields);
        }

        private static long varint(ByteBuffer in) {
            long value = 0;
            for (int shift = 0; ; shift += 7) {
                byte next = in.get();
                value |= (next & 0x7FL) << shift;
                if (next >= 0) {
                    return value;
                }
            }
        }

        List<Field> all(int number) {
            return fields.stream().filter(field -> field.number() == number).toList();
        }

        boolean has(int number) {
            return !all(number).isEmpty();
        }

        Field get(int number) {
            List<Field> found = all(number);
            if (found.size() != 1) {
                throw new AssertionError("field " + number + " of " + this);
            }
            return found.get(0);
        }
    }

    /** Returns the events of a file, whose lengths and checksums must be right, but for a tail that a kill has cut short. */
    static List<Message> read(Path file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<Message> events = new ArrayList<>();
        while (in.remaining() >= HEAD && in.remaining() >= HEAD + in.getLong(in.position()) + Integer.BYTES) {
            byte[] length = new byte[8];
            in.get(length);
            require(length, in.getInt());
            byte[] record = new byte
                    [(int) ByteBuffer.wrap(length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong()];
            in.get(record);
            require(record, in.getInt());
            events.add(Message.of(record));
        }
        return events;
    }

    private static void require(byte[] bytes, int masked) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        long value = crc.getValue();
        int expected = (int) (((value >>> 15 | value << 17) & 0xFFFFFFFFL) + 0xa282ead8L);
        if (masked != expected) {
            throw new AssertionError("checksum " + masked + ", not " + expected);
        }
    }
}
