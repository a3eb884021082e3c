#define _GNU_SOURCE
#include "tensor/bf16_kernel.h"

#include <stdatomic.h>
#include <string.h>

enum { HALF = BF16_TILE / 2, PAIRS = BF16_K / 2 };

static void nothing(void) {}

/* The oracle of the others, and all there is on other processors. */
static void plain_product(int64_t K, const bf16 *a, int64_t a_row, const bf16 *b, real *c,
                          int64_t c_row, bool add) {
    for (int64_t r = 0; !add && r < BF16_TILE; r++) memset(c + r * c_row, 0, BF16_TILE * sizeof *c);
    for (int64_t k = 0; k < K; k++)
        for (int64_t r = 0; r < BF16_TILE; r++) {
            real x = bf16_to_real(a[r * a_row + k]);
            for (int half = 0; half < 2; half++) {
                const bf16 *y = b + k / BF16_K * BF16_K * BF16_TILE + half * BF16_K * HALF +
                                k % BF16_K / 2 * 2 * HALF + k % 2;
                real *sum = c + r * c_row + half * HALF;
                for (int j = 0; j < HALF; j++) sum[j] += x * bf16_to_real(y[2 * j]);
            }
        }
}

static const bf16_kernel plain = {"plain", plain_product, nothing, nothing};

/* The instructions sum in float. */
#if defined __x86_64__ && defined __linux__ && !defined GRADUS_F64

#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

/* How the eight tile registers are cut: palette 1, 16 rows of 64 bytes each. */
typedef struct tile_config {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} tile_config;

/* Constant: the compiler does not see that the instruction reads all of it. */
static const tile_config eight_tiles = {
    1, 0, {0}, {64, 64, 64, 64, 64, 64, 64, 64}, {16, 16, 16, 16, 16, 16, 16, 16}};

__attribute__((target("amx-tile"))) static void amx_begin(void) {
    _tile_loadconfig(&eight_tiles);
}

__attribute__((target("amx-tile"))) static void amx_end(void) {
    _tile_release();
}

/* Registers 0 to 3 hold the sums, 4 and 5 rows of A, 6 and 7 columns of B. The rows stay in the
 * nearest cache while panels of columns pass by: those are loaded as a stream, so that they do not
 * displace them. */
__attribute__((target("amx-tile,amx-bf16"))) static void amx_product(int64_t K, const bf16 *a,
                                                                     int64_t a_row, const bf16 *b,
                                                                     float *c, int64_t c_row,
                                                                     bool add) {
    const int64_t c_bytes = c_row * (int64_t)sizeof *c;
    float *lower = c + HALF * c_row;
    if (add) {
        _tile_loadd(0, c, c_bytes);
        _tile_loadd(1, c + HALF, c_bytes);
        _tile_loadd(2, lower, c_bytes);
        _tile_loadd(3, lower + HALF, c_bytes);
    } else {
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
    }
    const int64_t a_bytes = a_row * (int64_t)sizeof *a;
    for (int64_t k = 0; k < K; k += BF16_K, a += BF16_K, b += BF16_K * BF16_TILE) {
        _tile_loadd(4, a, a_bytes);
        _tile_stream_loadd(6, b, 64);
        _tile_loadd(5, a + HALF * a_row, a_bytes);
        _tile_stream_loadd(7, b + BF16_K * HALF, 64);
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, c, c_bytes);
    _tile_stored(1, c + HALF, c_bytes);
    _tile_stored(2, lower, c_bytes);
    _tile_stored(3, lower + HALF, c_bytes);
}

static const bf16_kernel amx = {"amx", amx_product, amx_begin, amx_end};

/* Linux gives the tiles' state to programs that ask for it. */
static bool amx_runs(void) {
    enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };
    unsigned eax, ebx, ecx, edx;
    __asm__("cpuid" : "=a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx) : "a"(0), "c"(0));
    if (eax < 7) return false;
    __asm__("cpuid" : "=a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx) : "a"(7), "c"(0));
    bool has_amx = edx >> 22 & 1 && edx >> 24 & 1; /* AMX-BF16, AMX-TILE */
    return has_amx && syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
}

/* Eight rows at a time: their sums stay in registers. */
__attribute__((target("avx512f,avx512bf16"))) static void avx512_product(int64_t K, const bf16 *a,
                                                                         int64_t a_row,
                                                                         const bf16 *b, float *c,
                                                                         int64_t c_row, bool add) {
    enum { ROWS = 8 };
    for (int first = 0; first < BF16_TILE; first += ROWS) {
        float *out = c + first * c_row;
        __m512 sum[ROWS][2];
        for (int r = 0; r < ROWS; r++)
            for (int half = 0; half < 2; half++)
                sum[r][half] =
                    add ? _mm512_loadu_ps(out + r * c_row + half * HALF) : _mm512_setzero_ps();
        for (int64_t pair = 0; pair < K / 2; pair++) {
            const bf16 *row = b + pair / PAIRS * BF16_K * BF16_TILE + pair % PAIRS * 2 * HALF;
            __m512bh left = (__m512bh)_mm512_loadu_si512(row);
            __m512bh right = (__m512bh)_mm512_loadu_si512(row + BF16_K * HALF);
            for (int r = 0; r < ROWS; r++) {
                int32_t two;
                memcpy(&two, a + (first + r) * a_row + 2 * pair, sizeof two);
                __m512bh x = (__m512bh)_mm512_set1_epi32(two);
                sum[r][0] = _mm512_dpbf16_ps(sum[r][0], x, left);
                sum[r][1] = _mm512_dpbf16_ps(sum[r][1], x, right);
            }
        }
        for (int r = 0; r < ROWS; r++)
            for (int half = 0; half < 2; half++)
                _mm512_storeu_ps(out + r * c_row + half * HALF, sum[r][half]);
    }
}

static const bf16_kernel avx512_bf16 = {"avx512_bf16", avx512_product, nothing, nothing};

static bool avx512_bf16_runs(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bf16");
}

const bf16_kernel *bf16_kernel_named(const char *name) {
    if (strcmp(name, amx.name) == 0) return amx_runs() ? &amx : NULL;
    if (strcmp(name, avx512_bf16.name) == 0) return avx512_bf16_runs() ? &avx512_bf16 : NULL;
    return strcmp(name, plain.name) == 0 ? &plain : NULL;
}

#else

const bf16_kernel *bf16_kernel_named(const char *name) {
    return strcmp(name, plain.name) == 0 ? &plain : NULL;
}

#endif

static const bf16_kernel *best_of_all(void) {
    const bf16_kernel *best = bf16_kernel_named("amx");
    if (!best) best = bf16_kernel_named("avx512_bf16");
    return best ? best : &plain;
}

/* Threads may ask at the same time: each would choose the same. */
const bf16_kernel *bf16_kernel_best(void) {
    static const bf16_kernel *_Atomic chosen;
    const bf16_kernel *best = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (best) return best;
    best = best_of_all();
    atomic_store_explicit(&chosen, best, memory_order_relaxed);
    return best;
}
