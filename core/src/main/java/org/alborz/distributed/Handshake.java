package org.alborz.distributed;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Shows each side of a new connection that the other knows the token, by HMAC-SHA-256 over numbers that both have drawn, so that neither the
 * token nor anything that could be sent again passes the network. With it goes a short message of the side that connects.
 */
final class Handshake {
    private static final byte[] MAGIC = "ALBORZ01".getBytes(StandardCharsets.US_ASCII);
    private static final int NONCE = 16;
    private static final int DIGEST = 32;

    /** Bytes of a message: rank, place, and settings, whose characters have up to 3 bytes each. */
    private static final int MOST_MESSAGE = 8192;

    private static final SecureRandom RANDOM = new SecureRandom();

    private final byte[] key;

    Handshake(String token) {
        key = token.getBytes(StandardCharsets.UTF_8);
    }

    /** Connects: sends the message; returns when the other side has shown that it knows the token. */
    void connect(Socket socket, byte[] message) throws IOException {
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] mine = nonce();
        out.write(MAGIC);
        out.write(mine);
        out.flush();
        byte[] theirs = read(in, NONCE);
        out.writeInt(message.length);
        out.write(message);
        out.write(digest("connect", mine, theirs, message));
        out.flush();
        byte[] answer = read(in, DIGEST);
        if (!MessageDigest.isEqual(answer, digest("accept", theirs, mine, message))) {
            throw new IOException("the other side does not know the token");
        }
    }

    /** Accepts: returns the message of a side that knows the token. */
    byte[] accept(Socket socket) throws IOException {
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] magic = in.readNBytes(MAGIC.length);
        if (!Arrays.equals(magic, MAGIC)) {
            throw new IOException("it does not speak this protocol");
        }
        byte[] theirs = read(in, NONCE);
        byte[] mine = nonce();
        out.write(mine);
        out.flush();
        int length = ByteBuffer.wrap(read(in, Integer.BYTES)).getInt();
        if (length < 0 || length > MOST_MESSAGE) {
            throw new IOException("it sends a message of " + length + " bytes");
        }
        byte[] message = read(in, length);
        byte[] proof = read(in, DIGEST);
        if (!MessageDigest.isEqual(proof, digest("connect", theirs, mine, message))) {
            throw new IOException("it does not know the token");
        }
        out.write(digest("accept", mine, theirs, message));
        out.flush();
        return message;
    }

    private static byte[] nonce() {
        byte[] nonce = new byte[NONCE];
        RANDOM.nextBytes(nonce);
        return nonce;
    }

    private static byte[] read(DataInputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new IOException(
                    "the other side closed the connection during the handshake; are the tokens the same?");
        }
        return bytes;
    }

    private byte[] digest(String role, byte[] first, byte[] second, byte[] message) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            mac.update(role.getBytes(StandardCharsets.US_ASCII));
            mac.update(first);
            mac.update(second);
            return mac.doFinal(message);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has HmacSHA256", e);
        }
    }
}
