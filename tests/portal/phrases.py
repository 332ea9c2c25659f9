"""The words that the sample portal's invented news are made of.

Three districts with their communes and villages, offices as they are really written (both tone placements, the usual
abbreviations), names put together from common family, middle and given names. No person named here exists.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class District:
    """One district and the portal it publishes on."""

    id: str
    name: str
    province: str
    family: str
    portal: str
    slogan: str
    communes: tuple[str, ...]
    villages: tuple[str, ...]
    newsroom: str


DAM_HA = District(
    id="dam-ha",
    name="Đầm Hà",
    province="Quảng Ninh",
    family="wordpress",
    portal="Cổng thông tin điện tử huyện Đầm Hà",
    slogan="",  # the real one: first line of data/dam-ha-2022-09-28.txt
    communes=(
        "thị trấn Đầm Hà",
        "xã Quảng An",
        "xã Quảng Lâm",
        "xã Quảng Tân",
        "xã Dực Yên",
        "xã Tân Bình",
        "xã Tân Lập",
        "xã Đại Bình",
    ),
    villages=(
        "Nà Cáng",
        "Tán Trúc Tùng",
        "Làng Ngang",
        "Tân Đức",
        "Bình Hồ",
        "Đông Hà",
        "Trại Giữa",
        "Xóm Giáo",
    ),
    newsroom="Trung tâm TT&VH",
)
CAM_XUYEN = District(
    id="cam-xuyen",
    name="Cẩm Xuyên",
    province="Hà Tĩnh",
    family="nukeviet",
    portal="Cổng thông tin điện tử huyện Cẩm Xuyên",
    slogan="Cẩm Xuyên chung sức xây dựng huyện nông thôn mới nâng cao - Kỷ niệm 190 năm thành lập huyện (1836 - 2026)",
    communes=(
        "thị trấn Cẩm Xuyên",
        "thị trấn Thiên Cầm",
        "xã Cẩm Bình",
        "xã Cẩm Hưng",
        "xã Cẩm Lạc",
        "xã Cẩm Mỹ",
        "xã Cẩm Quan",
        "xã Nam Phúc Thăng",
        "xã Yên Hòa",
    ),
    villages=(
        "Mỹ Sơn",
        "Bình Quang",
        "Đông Trung",
        "Hưng Thắng",
        "Quang Trung",
        "Nam Thành",
        "Yên Mỹ",
        "Trần Phú",
    ),
    newsroom="Trung tâm Văn hóa - Truyền thông",
)
TIEN_YEN = District(
    id="tien-yen",
    name="Tiên Yên",
    province="Quảng Ninh",
    family="sharepoint",
    portal="Trang thông tin điện tử huyện Tiên Yên",
    slogan="Huyện Tiên Yên quyết tâm thực hiện thắng lợi Nghị quyết Đại hội Đảng bộ huyện lần thứ XXV, nhiệm kỳ 2020 - 2025",
    communes=(
        "thị trấn Tiên Yên",
        "xã Đông Ngũ",
        "xã Đông Hải",
        "xã Hải Lạng",
        "xã Phong Dụ",
        "xã Điền Xá",
        "xã Yên Than",
        "xã Đồng Rui",
        "xã Hà Lâu",
        "xã Đại Dực",
    ),
    villages=(
        "Khe Lẹ",
        "Bắc Lù",
        "Thác Bưởi",
        "Hà Dong Nam",
        "Hà Tràng Đông",
        "Khe Và",
        "Đồng Mạ",
        "Phài Giác",
    ),
    newsroom="Trung tâm Truyền thông và Văn hóa huyện",
)
DISTRICTS = (DAM_HA, CAM_XUYEN, TIEN_YEN)

SECTIONS = (
    ("Tin tức - Sự kiện", "tin-tuc-su-kien", 82),
    ("Chính trị", "chinh-tri", 83),
    ("Kinh tế", "kinh-te", 84),
    ("Văn hóa - Xã hội", "van-hoa-xa-hoi", 85),
    ("An ninh - Quốc phòng", "an-ninh-quoc-phong", 86),
)

FAMILY_NAMES = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Vũ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
    "Chíu",
    "Phùn",
)
MIDDLE_NAMES = (
    "Văn",
    "Thị",
    "Đức",
    "Minh",
    "Thanh",
    "Hữu",
    "Quang",
    "Thị Thu",
    "Ngọc",
    "Xuân",
    "Công",
    "Thị Ninh",
)
GIVEN_NAMES = (
    "Hường", "Dũng", "Thắm", "Nghị", "Hùng", "Hà", "Sơn", "Lan", "Thúy", "Khoẻ", "Hoà", "Toàn", "Quý", "Phương", "Mạnh",
    "Tuấn", "Bình", "Oanh", "Hiếu", "Giang", "Uyên", "Thuỷ", "Khánh", "Đạt",
)  # fmt: skip
OFFICES = (
    "Bí thư Huyện ủy",
    "Phó Bí thư Thường trực Huyện uỷ, Chủ tịch HĐND huyện",
    "Phó Bí thư Huyện ủy, Chủ tịch UBND huyện",
    "Ủy viên BTV Huyện ủy, Phó Chủ tịch UBND huyện",
    "Trưởng Ban Tuyên giáo Huyện ủy",
    "Trưởng Ban Dân vận, Chủ tịch Ủy ban MTTQ huyện",
    "Trưởng Công an huyện",
    "Chỉ huy trưởng Ban CHQS huyện",
    "Trưởng phòng GD&ĐT huyện",
    "Trưởng phòng Nông nghiệp và PTNT",
    "Bí thư Huyện đoàn",
    "Chủ tịch Hội LHPN huyện",
    "Chủ tịch Hội Nông dân huyện",
)

# What an article is about: section index, title, the kind of meeting, its subject. {p} a place, {y} a year, {n} a number.
TOPICS: tuple[tuple[int, str, str, str], ...] = (
    (1, "{D} tổ chức hội nghị tiếp xúc cử tri trước kỳ họp thứ {k} HĐND huyện", "hội nghị tiếp xúc cử tri", "kiến nghị của cử tri"),
    (1, "Kỳ họp thứ {k} HĐND {d} khoá XX, nhiệm kỳ 2021 - 2026", "kỳ họp", "phát triển kinh tế - xã hội"),
    (1, "Hội nghị Ban Chấp hành Đảng bộ {d} lần thứ {k}", "hội nghị", "xây dựng Đảng và hệ thống chính trị"),
    (1, "{D}: Học tập và làm theo tư tưởng, đạo đức, phong cách Hồ Chí Minh ở {p}", "buổi sinh hoạt chuyên đề", "học tập và làm theo Bác"),
    (0, "Lễ khai giảng năm học {y} - {y1} tại các trường học trên địa bàn {d}", "lễ khai giảng", "nâng cao chất lượng giáo dục"),
    (0, "{P} đón nhận danh hiệu đạt chuẩn nông thôn mới nâng cao năm {y}", "lễ công bố", "xây dựng nông thôn mới"),
    (0, "Ra quân làm vệ sinh môi trường, trồng cây đầu xuân ở {p}", "lễ ra quân", "bảo vệ môi trường"),
    (0, "Đoàn công tác của tỉnh {t} kiểm tra công tác phòng chống thiên tai tại {p}", "buổi kiểm tra", "phòng chống thiên tai và tìm kiếm cứu nạn"),
    (0, "Khởi công công trình đường giao thông {p} dài {n} km", "lễ khởi công", "đầu tư hạ tầng giao thông"),
    (2, "Nông dân {p} được mùa vụ đông xuân năm {y}", "hội thảo đầu bờ", "chuyển đổi cơ cấu cây trồng"),
    (2, "Mô hình nuôi gà bản địa giúp hộ nghèo ở thôn {v} vươn lên", "buổi tổng kết mô hình", "giảm nghèo bền vững"),
    (2, "{D}: Thu ngân sách {m} tháng đầu năm {y} đạt {f}% kế hoạch", "hội nghị giao ban", "thu ngân sách trên địa bàn"),
    (2, "Hội chợ OCOP {d} năm {y} thu hút hơn {N} lượt khách", "lễ khai mạc hội chợ", "sản phẩm OCOP"),
    (2, "Giải phóng mặt bằng dự án khu dân cư {p}: còn {n} hộ chưa đồng thuận", "buổi đối thoại", "bồi thường, giải phóng mặt bằng"),
    (2, "Cải cách hành chính ở {d}: giải quyết {f}% hồ sơ đúng hạn", "hội nghị sơ kết", "cải cách hành chính và chuyển đổi số"),
    (3, "Khai mạc Ngày hội văn hoá, thể thao các dân tộc {d} lần thứ {k}", "lễ khai mạc", "bảo tồn bản sắc văn hóa dân tộc"),
    (3, "Ngày hội Đại đoàn kết toàn dân tộc ở thôn {v}, {p}", "ngày hội", "khối đại đoàn kết toàn dân"),
    (3, "Trao {n} nhà đại đoàn kết cho hộ nghèo {p}", "lễ bàn giao", "an sinh xã hội"),
    (3, "Hiến máu tình nguyện năm {y}: tiếp nhận {n} đơn vị máu", "ngày hội hiến máu", "phong trào hiến máu tình nguyện"),
    (3, "Tuyên dương học sinh giỏi, giáo viên giỏi {d} năm học {y} - {y1}", "lễ tuyên dương", "khuyến học, khuyến tài"),
    (3, "Lễ hội đình {p} thu hút đông đảo nhân dân và du khách", "lễ hội", "du lịch gắn với di sản"),
    (3, "Tiêm vắc xin phòng COVID-19 cho người dân {p}", "đợt tiêm chủng", "phòng, chống dịch bệnh"),
    (4, "Lễ giao nhận quân {d} năm {y}", "lễ giao nhận quân", "công tác tuyển quân"),
    (4, "Diễn tập chiến đấu phòng thủ {p} năm {y}", "cuộc diễn tập", "nhiệm vụ quốc phòng, quân sự địa phương"),
    (4, "Ngày hội toàn dân bảo vệ an ninh Tổ quốc tại {p}", "ngày hội", "phong trào toàn dân bảo vệ an ninh Tổ quốc"),
    (4, "Ra quân cao điểm bảo đảm trật tự ATGT dịp Tết Nguyên đán {y}", "lễ ra quân", "trật tự an toàn giao thông"),
)  # fmt: skip

LEADS = (
    "{when}, {d} đã tổ chức {kind} về {subject}. Dự có đồng chí {name}, {office}; lãnh đạo các phòng, ban, ngành và {p}.",
    "{when}, tại {p}, UBND huyện phối hợp với {organ} tổ chức {kind} nhằm đẩy mạnh {subject} trên địa bàn {d}, tỉnh {t}.",
    "Thực hiện Kế hoạch số {doc} của UBND huyện, {when_low}, {d} tổ chức {kind} về {subject} với sự tham gia của trên {n} đại biểu.",
)

SENTENCES = (
    "Phát biểu tại {kind}, đồng chí {name}, {office} nhấn mạnh: {subject} là nhiệm vụ trọng tâm, thường xuyên của cả hệ thống chính trị; đề nghị các địa phương, đơn vị bám sát chủ đề công tác năm, phát huy vai trò người đứng đầu.",
    "Theo báo cáo của {organ}, năm {y} toàn huyện có {n} hộ tham gia, tăng {f}% so với cùng kỳ; trong đó {p} có {n2} hộ, đạt {f2}% kế hoạch tỉnh giao.",
    "Tại {p}, cấp ủy, chính quyền đã vận động nhân dân hiến {N} m2 đất, đóng góp {n} ngày công, làm mới {n2} km đường trục thôn, góp phần hoàn thành các tiêu chí nông thôn mới.",
    "Thu nhập bình quân đầu người đạt {M} triệu đồng/người/năm; tỷ lệ hộ nghèo giảm còn {f3}%; tỷ lệ người dân tham gia bảo hiểm y tế đạt {f2}%.",
    "Ông {name} - trưởng thôn {v} cho biết: bà con trong thôn rất phấn khởi khi được Nhà nước quan tâm đầu tư, đời sống vật chất và tinh thần ngày càng được nâng lên.",
    "Bà {name} (thôn {v}, {p}) chia sẻ: gia đình tôi được vay {n2} triệu đồng từ Ngân hàng Chính sách xã hội để phát triển chăn nuôi, nay đã thoát nghèo.",
    "Căn cứ Quyết định số {doc} ngày {dm} của UBND huyện và Nghị quyết số {res}, các cơ quan chuyên môn đã xây dựng kế hoạch, phân công nhiệm vụ cụ thể cho từng thành viên.",
    "Từ ngày {r1} đến {r2}, các đội công tác sẽ tiếp tục kiểm tra, rà soát tại {p}, {p2}; kết quả báo cáo về Văn phòng HĐND và UBND huyện trước 17 giờ 00 hằng ngày.",
    "Đồng chí {name}, {office} đề nghị MTTQ và các tổ chức chính trị - xã hội tiếp tục tuyên truyền, vận động hội viên, đoàn viên thực hiện tốt {subject}, gắn với các cuộc vận động do Trung ương và tỉnh phát động.",
    "Các đại biểu đã thảo luận, đóng góp nhiều ý kiến về nguyên nhân của những hạn chế, khó khăn trong {subject}, đồng thời đề xuất giải pháp trong thời gian tới.",
    "Kết luận {kind}, đồng chí {name} ghi nhận, biểu dương kết quả mà {p} đã đạt được; yêu cầu các phòng, ban tham mưu kịp thời, tháo gỡ khó khăn, vướng mắc cho cơ sở.",
    "Nhân dịp này, {n2} tập thể và {n} cá nhân có thành tích xuất sắc trong {subject} đã được Chủ tịch UBND huyện tặng Giấy khen.",
    "Công tác tuyên truyền được đẩy mạnh trên hệ thống truyền thanh cơ sở; {N} tờ rơi đã được phát tới từng hộ gia đình ở {p} và {p2}.",
    "Lực lượng công an, quân sự, dân quân tự vệ phối hợp tuần tra, bảo đảm an ninh trật tự, không để xảy ra tình huống bị động, bất ngờ.",
    "Sản lượng thủy sản ước đạt {N} tấn, giá trị sản xuất ngành nông, lâm, thuỷ sản tăng {f}%; ngành công nghiệp, TTCN và xây dựng tăng {f2}%.",
    "Nhà trường có {n} học sinh, {n2} giáo viên; cơ sở vật chất từng bước được kiên cố hoá, đáp ứng yêu cầu đổi mới giáo dục.",
    "Thời gian tới, huyện tiếp tục huy động mọi nguồn lực, phấn đấu hoàn thành chỉ tiêu trước ngày {dm2}, tạo tiền đề để thực hiện thắng lợi Nghị quyết Đại hội Đảng các cấp.",
    "Trong không khí vui tươi, phấn khởi, các tiết mục văn nghệ do đoàn viên thanh niên và hội viên phụ nữ {p} biểu diễn đã để lại nhiều ấn tượng tốt đẹp.",
    "Chương trình nằm trong chuỗi hoạt động chào mừng kỷ niệm {a} năm Ngày thành lập Đảng bộ huyện ({ad} - {ad2}).",
    "Mưa lũ làm {n2} ngôi nhà bị tốc mái, {n} ha lúa bị ngập; chính quyền địa phương đã huy động lực lượng tại chỗ giúp dân khắc phục hậu quả ngay trong đêm.",
)  # fmt: skip

CAPTIONS = (
    "Đồng chí {name}, {office} phát biểu tại {kind}",
    "Quang cảnh {kind}",
    "Các đại biểu tham dự {kind} ở {p}",
    "Đồng chí {name} trao Giấy khen cho các tập thể",
    "Nhân dân thôn {v} tham gia làm đường giao thông nông thôn",
    "Lãnh đạo huyện thăm mô hình kinh tế tại {p}",
    "Tiết mục văn nghệ chào mừng {kind}",
    "Lực lượng dân quân {p} giúp dân thu hoạch lúa",
)
ORGANS = (
    "Phòng Nông nghiệp và PTNT",
    "Phòng GD&ĐT",
    "Phòng LĐTBXH",
    "Ủy ban MTTQ huyện",
    "Hội Nông dân huyện",
    "Công an huyện",
    "Ban CHQS huyện",
    "Trung tâm Y tế huyện",
    "Chi cục Thuế khu vực",
)
HEADINGS = ("Kết quả nổi bật", "Khó khăn, hạn chế", "Nhiệm vụ, giải pháp thời gian tới")
QUOTES = (
    "Chúng ta phải lấy sự hài lòng của người dân làm thước đo hiệu quả công việc.",
    "Dân biết, dân bàn, dân làm, dân kiểm tra, dân giám sát, dân thụ hưởng.",
)
