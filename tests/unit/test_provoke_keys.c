// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys, signatures and sealing, against what others published: Microsoft's "SMB 3.1.1 Pre-authentication
 * integrity in Windows 10" (2015), "SMB 3.1.1 Encryption in Windows 10" (2015) and "Encryption in SMB 3.0: A
 * protocol perspective" (2012), [MS-NLMP] 4.2.4; and what OpenSSL makes of the same.
 */
#include "provoke_util.h"

#include "provoke/keys.h"
#include "provoke/ntlm.h"

static void derive(struct keys *k, uint16_t dialect, enum cipher cipher, const char *session_key,
		   const char *preauth)
{
	struct negotiated n = { .dialect = dialect, .signing = SIGN_AES_CMAC, .cipher = cipher };
	struct bytes key = unhex(session_key), hash = unhex(preauth);

	assert_int_equal(key.size, SESSION_KEY_SIZE);
	keys_derive(k, &n, key.at, hash.at);
}

static const char preauth_311[] =
	"B23F3CBFD69487D9832B79B1594A367CDD950909B774C3A4C412B4FCEA9EDDDBA7DB256BA2EA30E9"
	"77F11F9B113247578E0E915C6D2A513B8F2FCA5707DC8770";

static void test_keys_300(void **state)
{
	struct keys k;

	(void)state;
	derive(&k, DIALECT_300, CIPHER_AES128_CCM, "B4546771B515F766A86735532DD6C4F0", "");
	assert_hex(k.seal[CLIENT], 16, "261B72350558F2E9DCF613070383EDBF");
	assert_hex(k.seal[SERVER], 16, "8FE2B57EC34D2DB5B1A9727F526BBDB5");
}

static void test_keys_311(void **state)
{
	struct keys k;

	(void)state;
	derive(&k, DIALECT_311, CIPHER_AES128_GCM, "419FDDF34C1E001909D362AE7FB6AF79", preauth_311);
	assert_hex(k.seal[CLIENT], 16, "A2F5E80E5D59103034F32E52F698E5EC");
	assert_hex(k.seal[SERVER], 16, "748C50868C90F302962A5C35F5F9A8BF");
	derive(&k, DIALECT_311, CIPHER_NONE, "270E1BA896585EEB7AF3472D3B4C75A7",
	       "0DD13628CC3ED218EF9DF9772D436D0887AB9814BFAE63A80AA845F36909DB7928622DDDAD522D97"
	       "51640A459762C5A9D6BB084CBB3CE6BDADEF5D5BCE3C6C01");
	assert_hex(k.sign, 16, "73FE7A9A77BEF0BDE49C650D8CCB5F76");
}

/* the session key itself */
static void test_keys_2(void **state)
{
	struct keys k;

	(void)state;
	derive(&k, DIALECT_210, CIPHER_NONE, "B4546771B515F766A86735532DD6C4F0", "");
	assert_hex(k.sign, 16, "B4546771B515F766A86735532DD6C4F0");
}

static void test_preauth(void **state)
{
	uint8_t hash[PREAUTH_SIZE] = {};
	struct bytes negotiate = unhex(
		"FE534D4240000100000000000000800000000000000000000100000000000000FFFE000000000000"
		"00000000000000000000000000000000000000000000000024000500000000003F000000ECD86F32"
		"6276024F9F7752B89BB33F3A70000000020000000202100200030203110300000100260000000000"
		"010020000100FA49E6578F1F3A9F4CD3E9CC14A67AA884B3D05844E0E5A118225C15887F32FF0000"
		"0200060000000000020002000100");

	(void)state;
	preauth_add(hash, negotiate.at, negotiate.size);
	assert_hex(
		hash, sizeof(hash),
		"DD94EFC5321BB618A2E208BA8920D2F422992526947A409B5037DE1E0FE8C7362B8C47122594CDE0"
		"CE26AA9DFC8BCDBDE0621957672623351A7540F1E54A0426");
}

/* ---- sealing ---- */

struct sealed {
	uint16_t dialect;
	enum cipher cipher;
	const char *session_key, *preauth;
	enum side from;
	const char *plain, *sealed;
};

static const struct sealed write_300 = {
	DIALECT_300,
	CIPHER_AES128_CCM,
	"B4546771B515F766A86735532DD6C4F0",
	"",
	CLIENT,
	"FE534D4240000100000000000900400008000000000000000400000000000000"
	"FFFE0000010000001100001400E4080000000000000000000000000000000000"
	"3100700017000000000000000000000015010000390000020100000039020000"
	"00000000000000007000000000000000536D623320656E6372797074696F6E20"
	"74657374696E67",
	"FD534D4281A286535415445DAE393921E44FA42E66E69A111892584FB5ED524A"
	"744DA3EE87000000000001001100001400E4080025C8FEE16605A437832D1CD5"
	"2DA9F4645333482A175FE5384563F45FCDAFAEF38BC62BA4D5C62897996625A4"
	"4C29BE5658DE2E6117585779E7B59FFD971278D08580D7FA899E410E910EABF5"
	"AA1DB43050B33B49182637759AC15D84BFCDF5B6B238993C0F4CF4D6012023F6"
	"C627297075D84B7803912D0A9639634453595EF3E33FFE4E7AC2AB",
};

static const struct sealed write_311 = {
	DIALECT_311,
	CIPHER_AES128_GCM,
	"419FDDF34C1E001909D362AE7FB6AF79",
	preauth_311,
	CLIENT,
	"FE534D4240000100000000000900010008000000000000000500000000000000FFFE000001000000"
	"25000000001000000000000000000000000000000000000031007000170000000000000000000000"
	"0600000004000000010000000400000000000000000000007000000000000000536D623320656E63"
	"72797074696F6E2074657374696E67",
	"FD534D42BD73D97D2BC9001BCAFAC0FDFF5FEEBCC7D6822D269CAF48904C664C0000000087000000"
	"0000010025000000001000006ECDD2A7AFC7B47763057A041B8FD4DAFFE990B70C9E09D36C084E02"
	"D14EF247F8BDE38ACF6256F8B1D3B56F77FBDEB312FEA5E92CBCC1ED8FB2EBBFAA75E49A4A394BB4"
	"4576545567C24D4C014D47C9FBDFDAFD2C4F9B72F8D256452620A299F48E29E53D6B61D1C13A19E9"
	"1AF013F00D17E3ABC2FC3D36C8C1B6B93973253852DBD442E46EE8",
};

static const struct sealed written_300 = {
	DIALECT_300,
	CIPHER_AES128_CCM,
	"B4546771B515F766A86735532DD6C4F0",
	"",
	SERVER,
	"FE534D4240000100000000000900210009000000000000000400000000000000"
	"FFFE0000010000001100001400E4080000000000000000000000000000000000"
	"11000000170000000000000000000000",
	"FD534D42A6015530A18F6D9AFFE22AFAE8E66484860000000000000011000014"
	"00E4080050000000000001001100001400E40800DBF46435C5F14169293CE079"
	"E344479BF670227E49873F458672C3098DAC467DD5809F369D67409166515787"
	"1483E01F7BECD02064EAC3E235F913668BBC2F097980D4B378F1993EFF6E60D1"
	"77309E5B",
};

static const struct sealed written_311 = {
	DIALECT_311,
	CIPHER_AES128_GCM,
	"419FDDF34C1E001909D362AE7FB6AF79",
	preauth_311,
	SERVER,
	"FE534D4240000100000000000900010001000000000000000500000000000000FFFE000001000000"
	"25000000001000000000000000000000000000000000000011000000170000000000000000000000",
	"FD534D42ACBE1CB7ED343ADF1725EF144D90D4B0E06831DD2E8EB7B4000000000000000050000000"
	"00000100250000000010000026BBBF949983A6C1C796559D0F2C510CB651D1F7B6AC8DED32A2A0B8"
	"F2D793A815C6F6B848D69767A215841A42D400AE6DDB5F0B44173A014973321FDD7950DA6179159B"
	"82E03C9E18A050FF0EA1C967",
};

static void test_unseal(void **state)
{
	const struct sealed *s = *state;
	struct bytes msg = unhex(s->sealed), plain;
	struct keys k;

	derive(&k, s->dialect, s->cipher, s->session_key, s->preauth);
	assert_int_equal(keys_unseal(&k, s->from, msg.at, msg.size, plain.at, &plain.size), 0);
	assert_hex(plain.at, plain.size, s->plain);
	msg.at[SEAL_SIZE + 3] ^= 1;
	assert_int_equal(keys_unseal(&k, s->from, msg.at, msg.size, plain.at, &plain.size),
			 -EBADMSG);
	assert_int_equal(keys_unseal(&k, s->from, msg.at, SEAL_SIZE - 1, plain.at, &plain.size),
			 -EBADMSG);
}

/* The vectors have a nonce that is filled up; what is in its rest the cipher does not see, but the seal does. */
static void test_seal(void **state)
{
	const struct sealed *s = *state;
	struct bytes plain = unhex(s->plain), want = unhex(s->sealed), got, back;
	uint64_t session = get64(want.at + SEAL_SESSION);
	struct keys k;

	derive(&k, s->dialect, s->cipher, s->session_key, s->preauth);
	assert_int_equal(
		keys_seal(&k, s->from, session, want.at + SEAL_NONCE, plain.at, plain.size, got.at),
		0);
	got.size = SEAL_SIZE + plain.size;
	assert_memory_equal(got.at + SEAL_SIZE, want.at + SEAL_SIZE, plain.size);
	if (s->cipher == CIPHER_AES128_GCM)
		assert_hex(got.at, got.size, s->sealed);
	assert_int_equal(keys_unseal(&k, s->from, got.at, got.size, back.at, &back.size), 0);
	assert_hex(back.at, back.size, s->plain);
}

static void test_no_cipher(void **state)
{
	struct bytes msg = unhex(write_311.sealed), plain;
	struct keys k = { .cipher = CIPHER_NONE };

	(void)state;
	assert_int_equal(keys_unseal(&k, CLIENT, msg.at, msg.size, plain.at, &plain.size), -EINVAL);
}

/* ---- signing ---- */

/*
 * The bytes 0, 1, 2, ... 79 as a message, with a command, signed with RFC 4493's key. The right answers are those of
 * `openssl mac` 3.0: -digest SHA256 HMAC, -cipher AES-128-CBC CMAC, and -cipher AES-128-GCM GMAC with the nonce of
 * [MS-SMB2] 3.1.4.1 as hexiv; with zeros in place of the signature.
 */
static void check_signature(enum signing signing, enum side from, unsigned int command,
			    const char *want)
{
	struct bytes key = unhex("2b7e151628aed2a6abf7158809cf4f3c");
	struct keys k = { .signing = signing };
	uint8_t msg[80];

	for (size_t i = 0; i < sizeof(msg); i++)
		msg[i] = i;
	put16(msg + HDR_COMMAND, command);
	memcpy(k.sign, key.at, sizeof(k.sign));
	keys_sign(&k, from, msg, sizeof(msg));
	assert_hex(msg + HDR_SIGNATURE, SIGNATURE_SIZE, want);
	assert_true(keys_verify(&k, from, msg, sizeof(msg)));
	msg[79] ^= 1;
	assert_false(keys_verify(&k, from, msg, sizeof(msg)));
}

static void test_signatures(void **state)
{
	(void)state;
	check_signature(SIGN_HMAC_SHA256, CLIENT, SMB2_WRITE, "6E911C060672CD32194032C48A3F8A50");
	check_signature(SIGN_AES_CMAC, CLIENT, SMB2_WRITE, "BF4A67152361CE8847FAB4B5D40F8573");
	check_signature(SIGN_AES_GMAC, CLIENT, SMB2_WRITE, "65AC5954916A51E8FC91DBEB00CCFC74");
	check_signature(SIGN_AES_GMAC, SERVER, SMB2_WRITE, "8223FB94092156667BF110FB12294CF2");
	check_signature(SIGN_AES_GMAC, CLIENT, SMB2_CANCEL, "73A3014A3203699162A8EE9ABEBBF45C");
}

/* ---- NTLM ---- */

/* [MS-NLMP] 4.2.4.3 */
static const char authenticate[] =
	"4e544c4d53535000 03000000 18001800 6c000000 54005400 84000000 0c000c00 48000000 08000800"
	"54000000 10001000 5c000000 10001000 d8000000 358288e2 0501280a 0000000f"
	"44006f006d00610069006e00 5500730065007200 43004f004d0050005500540045005200"
	"86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa 68cd0ab851e51c96aabc927bebef6a1c"
	"01010000000000000000000000000000 aaaaaaaaaaaaaaaa 00000000"
	"02000c0044006f006d00610069006e00 01000c00530065007200760065007200 00000000 00000000"
	"c5dad2544fc9799094ce1ce90bc9d03e";

static int session_key(const struct bytes *msg, const char *password, uint8_t *key, struct err *err)
{
	struct bytes challenge = unhex("0123456789abcdef");

	return ntlm_session_key(msg->at, msg->size, challenge.at, password, key, err);
}

static void test_ntlm(void **state)
{
	struct bytes msg = unhex(authenticate);
	uint8_t key[SESSION_KEY_SIZE];
	const uint8_t *found;
	struct err err = {};
	size_t size;

	(void)state;
	assert_int_equal(ntlm_find(msg.at, msg.size, &found, &size), 3);
	assert_ptr_equal(found, msg.at);
	assert_int_equal(session_key(&msg, "Password", key, &err), 0);
	assert_hex(key, sizeof(key), "55555555555555555555555555555555");
	/* without key exchange: SessionBaseKey of 4.2.4.1.2 */
	put32(msg.at + 60, get32(msg.at + 60) & ~0x40000000u);
	assert_int_equal(session_key(&msg, "Password", key, &err), 0);
	assert_hex(key, sizeof(key), "8de40ccadbc14a82f15cb0ad0de95ca3");
	assert_int_equal(session_key(&msg, "password", key, &err), -EKEYREJECTED);
	assert_non_null(strstr(err.text, "--credentials"));
}

/* Whatever is cut off or points elsewhere is an error, not more. */
static void test_ntlm_damaged(void **state)
{
	struct bytes whole = unhex(authenticate);
	uint8_t key[SESSION_KEY_SIZE];
	struct err err = {};

	(void)state;
	for (size_t size = 0; size < whole.size; size++) {
		uint8_t *copy = malloc(size + 1); /* so that a sanitizer sees the end */
		struct bytes challenge = {};

		memcpy(copy, whole.at, size);
		assert_true(ntlm_session_key(copy, size, challenge.at, "Password", key, &err) < 0);
		free(copy);
	}
	put32(whole.at + 24, UINT32_MAX);
	assert_int_equal(session_key(&whole, "Password", key, &err), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys_300),
		cmocka_unit_test(test_keys_311),
		cmocka_unit_test(test_keys_2),
		cmocka_unit_test(test_preauth),
		cmocka_unit_test_prestate(test_unseal, (void *)&write_300),
		cmocka_unit_test_prestate(test_unseal, (void *)&write_311),
		cmocka_unit_test_prestate(test_unseal, (void *)&written_300),
		cmocka_unit_test_prestate(test_unseal, (void *)&written_311),
		cmocka_unit_test_prestate(test_seal, (void *)&write_300),
		cmocka_unit_test_prestate(test_seal, (void *)&write_311),
		cmocka_unit_test(test_no_cipher),
		cmocka_unit_test(test_signatures),
		cmocka_unit_test(test_ntlm),
		cmocka_unit_test(test_ntlm_damaged),
	};

	return cmocka_run_group_tests_name("provoke: keys", tests, NULL, NULL);
}
