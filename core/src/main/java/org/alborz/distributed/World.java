package org.alborz.distributed;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import org.alborz.text.Given;

/**
 * Who takes part in a group of processes, and where they meet.
 *
 * @param rank of this process, from 0
 * @param size how many processes there are
 * @param address host of rank 0
 * @param port that rank 0 listens at until all have come; 0 where rank 0 takes a free one ({@link TcpRendezvous#bind}), which the others learn
 * @param token secret that all ranks share, so that no stranger can join; at least 16 characters
 */
public record World(int rank, int size, String address, int port, String token) {
    private static final int LEAST_TOKEN = 16;
    private static final int TOKEN_BYTES = 16;
    private static final int MOST_PORT = 65_535;

    public World {
        if (size < 1 || rank < 0 || rank >= size) {
            throw new IllegalArgumentException(
                    "A world expects a size of at least 1 and a rank from 0 to size - 1, got rank " + rank + " of "
                            + size);
        }
        if (Given.value(address, "A world", "an address").isBlank() || port < 0 || port > MOST_PORT) {
            throw new IllegalArgumentException("A world expects an address and a port from 0 to " + MOST_PORT
                    + ", got '" + address + "' and " + port);
        }
        if (Given.value(token, "A world", "a token").length() < LEAST_TOKEN) {
            throw new IllegalArgumentException("A world expects a token of at least " + LEAST_TOKEN
                    + " characters, got one of " + token.length() + "; openssl rand -hex 16 makes one");
        }
    }

    /**
     * Reads {@code RANK}, {@code WORLD_SIZE}, {@code MASTER_ADDR} and {@code MASTER_PORT}, as torchrun sets them, and {@code ALBORZ_TOKEN}.
     *
     * @throws IllegalArgumentException when one is missing or no number; it names the variable
     */
    public static World of(Map<String, String> environment) {
        return new World(
                number(environment, "RANK"),
                number(environment, "WORLD_SIZE"),
                text(environment, "MASTER_ADDR"),
                number(environment, "MASTER_PORT"),
                text(environment, "ALBORZ_TOKEN"));
    }

    /** Returns a new secret of 32 hexadecimal digits for the ranks of a group, drawn at random. */
    public static String newToken() {
        byte[] token = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(token);
        return HexFormat.of().formatHex(token);
    }

    /** Returns the same with the port that rank 0 has taken. */
    public World at(int takenPort) {
        return new World(rank, size, address, takenPort, token);
    }

    private static String text(Map<String, String> environment, String name) {
        String value = environment.get(name);
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException("The environment variable " + name
                    + " is not set; RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT and ALBORZ_TOKEN describe the group");
        }
        return value;
    }

    private static int number(Map<String, String> environment, String name) {
        String value = text(environment, name);
        try {
            return Integer.parseInt(value.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "The environment variable " + name + " expects a whole number, got '" + value + "'", e);
        }
    }

    /** Returns all but the token. */
    @Override
    public String toString() {
        return "rank " + rank + " of " + size + " at " + address + ":" + port;
    }
}
