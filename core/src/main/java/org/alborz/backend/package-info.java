/**
 * What a backend supplies: memory and a small set of operations on it.
 *
 * <p>The engine checks arguments, infers shapes and allocates every result before it calls; a backend trusts its operands. Each
 * method reads its input operands, writes its output operands completely, and returns nothing. Outputs never overlap inputs
 * unless a method says so. A backend is called by one thread at a time.
 */
package org.alborz.backend;
